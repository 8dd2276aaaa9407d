//! Formulas of one variable: text → a program for a stack machine, evaluated in f64 with exact maths.
//!
//! sum = product (('+' | '-') product)*; product = signed (('*' | '/') signed)*; signed = ('-' | '+')* power;
//! power = atom ('^' signed)?; atom = number | name | function '(' sum ')' | '(' sum ')'.
//! As in mathematics, −x² is −(x²) and `^` groups to the right.
//!
//! Ours, because the well-kept libraries do not fit: exmex 0.21 reads −3^2 as 9 (its signs bind before its powers), and evalexpr
//! 13 is under the AGPL. Evaluation goes through our own exact functions in any case.

use crate::DataError;
use tensor::Float;

/// A formula ready to evaluate.
#[derive(Debug)]
pub struct Formula {
    program: Vec<Op>,
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Number(f64),
    X,
    Unary(Function),
    Binary(fn(f64, f64) -> f64),
}

/// A function of one number.
type Function = fn(f64) -> f64;

/// Each function of a formula by name.
const FUNCTIONS: &[(&str, Function)] = &[
    ("sin", Float::sin),
    ("cos", Float::cos),
    ("tanh", Float::tanh),
    ("exp", Float::exp),
    ("ln", Float::ln),
    ("sqrt", Float::sqrt),
    ("abs", Float::abs),
];

/// Deeper nesting than this is refused: the parser calls itself once per level.
const DEEPEST: usize = 100;

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`DataError::Syntax`] with the character where it went wrong.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let mut parser = Parser { rest: text, text, depth: 0, program: Vec::new() };
        parser.sum()?;
        match parser.peek() {
            None => Ok(Formula { program: parser.program }),
            Some(_) => Err(parser.unexpected("an operator (+ - * / ^) or the end")),
        }
    }

    /// The value at x; NaN or an infinity where it has none.
    pub fn at(&self, x: f64) -> f64 {
        let mut stack: Vec<f64> = Vec::new();
        for &op in &self.program {
            let value = match op {
                Op::Number(value) => value,
                Op::X => x,
                // The parser puts every operand before its operator: there is always something to pop.
                Op::Unary(f) => f(stack.pop().unwrap_or(f64::NAN)),
                Op::Binary(f) => {
                    let right = stack.pop().unwrap_or(f64::NAN);
                    f(stack.pop().unwrap_or(f64::NAN), right)
                }
            };
            stack.push(value);
        }
        stack.pop().unwrap_or(f64::NAN)
    }
}

struct Parser<'a> {
    rest: &'a str,
    text: &'a str,
    depth: usize,
    program: Vec<Op>,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    /// Takes one of `operators` if it is next.
    fn take(&mut self, operators: &[char]) -> Option<char> {
        let next = self.peek().filter(|c| operators.contains(c))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Takes the longest run of characters that `accept` holds for.
    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn fail(&self, problem: String) -> DataError {
        let position = self.text[..self.text.len() - self.rest.len()].chars().count() + 1;
        DataError::Syntax { formula: self.text.into(), problem, position }
    }

    fn unexpected(&mut self, expected: &str) -> DataError {
        match self.peek() {
            Some(c) => self.fail(format!("found `{c}`, expected {expected}")),
            None => self.fail(format!("the formula ends, expected {expected}")),
        }
    }

    fn sum(&mut self) -> Result<(), DataError> {
        self.product()?;
        while let Some(operator) = self.take(&['+', '-']) {
            self.product()?;
            self.program.push(Op::Binary(if operator == '+' { |a, b| a + b } else { |a, b| a - b }));
        }
        Ok(())
    }

    fn product(&mut self) -> Result<(), DataError> {
        self.signed()?;
        while let Some(operator) = self.take(&['*', '/']) {
            self.signed()?;
            self.program.push(Op::Binary(if operator == '*' { |a, b| a * b } else { |a, b| a / b }));
        }
        Ok(())
    }

    fn signed(&mut self) -> Result<(), DataError> {
        let mut negative = false;
        while let Some(sign) = self.take(&['-', '+']) {
            negative ^= sign == '-';
        }
        self.power()?;
        if negative {
            self.program.push(Op::Unary(|a| -a));
        }
        Ok(())
    }

    fn power(&mut self) -> Result<(), DataError> {
        self.atom()?;
        if self.take(&['^']).is_some() {
            self.deeper(Self::signed)?;
            self.program.push(Op::Binary(Float::powf));
        }
        Ok(())
    }

    fn deeper(&mut self, parse: fn(&mut Self) -> Result<(), DataError>) -> Result<(), DataError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fail(format!("nested more than {DEEPEST} deep")));
        }
        parse(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn parenthesis(&mut self) -> Result<(), DataError> {
        self.deeper(Self::sum)?;
        match self.take(&[')']) {
            Some(_) => Ok(()),
            None => Err(self.unexpected("an operator (+ - * / ^) or `)`")),
        }
    }

    fn atom(&mut self) -> Result<(), DataError> {
        const EXPECTED: &str = "a number, `x`, a function or `(`";
        match self.peek() {
            Some('(') => {
                self.take(&['(']);
                self.parenthesis()
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() => self.name(),
            _ => Err(self.unexpected(EXPECTED)),
        }
    }

    fn number(&mut self) -> Result<(), DataError> {
        let start = self.rest;
        self.take_while(|c| c.is_ascii_digit() || c == '.');
        // An exponent only where digits follow, so that `2e` is not half a number.
        let exponent = self.rest.strip_prefix(['e', 'E']).map(|r| r.strip_prefix(['+', '-']).unwrap_or(r));
        if let Some(digits) = exponent.filter(|d| d.starts_with(|c: char| c.is_ascii_digit())) {
            self.rest = digits;
            self.take_while(|c| c.is_ascii_digit());
        }
        let number = &start[..start.len() - self.rest.len()];
        match number.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                self.program.push(Op::Number(value));
                Ok(())
            }
            _ => {
                self.rest = start;
                Err(self.fail(format!("`{number}` is not a number")))
            }
        }
    }

    fn name(&mut self) -> Result<(), DataError> {
        let start = self.rest;
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        let op = match name {
            "x" => Op::X,
            "pi" => Op::Number(std::f64::consts::PI),
            "e" => Op::Number(std::f64::consts::E),
            _ => {
                let Some(&(_, f)) = FUNCTIONS.iter().find(|(n, _)| *n == name) else {
                    self.rest = start;
                    let known = FUNCTIONS.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
                    return Err(self.fail(format!("unknown name `{name}`, expected x, pi, e or one of {known}")));
                };
                if self.take(&['(']).is_none() {
                    return Err(self.unexpected("`(` after a function"));
                }
                self.parenthesis()?;
                Op::Unary(f)
            }
        };
        self.program.push(op);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_formula() {
        for (text, x, expected) in [
            ("x", 3.0, 3.0),
            ("1 + 2 * 3", 0.0, 7.0),
            ("(1 + 2) * 3", 0.0, 9.0),
            ("8 / 4 / 2", 0.0, 1.0),
            ("5 - 3 - 1", 0.0, 1.0),
            ("-x^2", 3.0, -9.0),
            ("2^3^2", 0.0, 512.0),
            ("2^-1", 0.0, 0.5),
            ("--x", 2.0, 2.0),
            ("2e3 + 1.5E-1", 0.0, 2000.15),
            ("abs(-x) * sqrt(16)", 2.5, 10.0),
            ("sin(0) + cos(0) + tanh(0) + exp(0) + ln(e)", 0.0, 3.0),
            (" pi*2 ", 0.0, std::f64::consts::TAU),
            ("2*e", 0.0, 2.0 * std::f64::consts::E),
        ] {
            assert_eq!(Formula::parse(text).unwrap().at(x), expected, "{text}");
        }
        assert!(!Formula::parse("1/x").unwrap().at(0.0).is_finite());
    }

    #[test]
    fn mistakes_are_placed() {
        for (text, message) in [
            ("", "formula ``: the formula ends, expected a number, `x`, a function or `(` at character 1"),
            ("x +", "formula `x +`: the formula ends, expected a number, `x`, a function or `(` at character 4"),
            ("2x", "formula `2x`: found `x`, expected an operator (+ - * / ^) or the end at character 2"),
            ("sin x", "formula `sin x`: found `x`, expected `(` after a function at character 5"),
            ("(x", "formula `(x`: the formula ends, expected an operator (+ - * / ^) or `)` at character 3"),
            ("1.2.3", "formula `1.2.3`: `1.2.3` is not a number at character 1"),
            (
                "π + y",
                "formula `π + y`: unknown name `π`, expected x, pi, e or one of sin, cos, tanh, exp, ln, sqrt, abs at character 1",
            ),
        ] {
            assert_eq!(Formula::parse(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn nothing_exhausts_the_stack() {
        for text in ["(".repeat(100_000), "x^".repeat(100_000), "sin(".repeat(100_000)] {
            assert!(Formula::parse(&text).unwrap_err().to_string().contains("nested more than 100 deep"));
        }
        let long = "x+".repeat(100_000) + "x";
        assert_eq!(Formula::parse(&long).unwrap().at(1.0), 100_001.0);
    }
}
