//! Formulas of one variable: text → a program for a stack machine, evaluated in f64 with exact maths.
//!
//! sum = product (('+' | '-') product)*; product = signed (('*' | '/') signed)*; signed = ('-' | '+')* power;
//! power = atom ('^' signed)?; atom = number | name | function '(' sum ')' | '(' sum ')'.
//! As in mathematics, −x² is −(x²) and `^` groups to the right.
//!
//! Ours, because the well-kept libraries do not fit: exmex 0.21 reads −3^2 as 9 (its signs bind before its powers), and evalexpr
//! 13 is under the AGPL. Evaluation goes through our own exact functions in any case.

mod habits;

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
        let mut parser = Parser { rest: text, text, last: "", depth: 0, program: Vec::new() };
        parser.sum()?;
        match parser.peek() {
            None => Ok(Formula { program: parser.program }),
            Some(_) => Err(parser.no_operator("the end")),
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

/// Whether a character can be part of a name.
fn is_of_name(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_'
}

struct Parser<'a> {
    rest: &'a str,
    text: &'a str,
    /// The operand that ended last: `3`, `x`, `sin(x)`, `(x + 1)`.
    last: &'a str,
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

    /// What stands in an operand's place is none.
    fn no_operand(&mut self) -> DataError {
        match habits::start(self.rest) {
            Some(habit) => self.fail(habit),
            None => self.unexpected("a number, `x`, a function or `(`"),
        }
    }

    /// What follows an operand is no operator, nor `end`.
    fn no_operator(&mut self, end: &str) -> DataError {
        match habits::operator(self.last, self.rest) {
            Some(habit) => self.fail(habit),
            None => self.unexpected(&format!("an operator (+ - * / ^) or {end}")),
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
        while let Some(operator) = self.times() {
            self.signed()?;
            self.program.push(Op::Binary(if operator == '*' { |a, b| a * b } else { |a, b| a / b }));
        }
        Ok(())
    }

    /// Takes `*` or `/`; two stars are a power elsewhere, and here a mistake.
    fn times(&mut self) -> Option<char> {
        self.peek();
        if self.rest.starts_with("**") { None } else { self.take(&['*', '/']) }
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
            None => Err(self.no_operator("`)`")),
        }
    }

    fn atom(&mut self) -> Result<(), DataError> {
        let next = self.peek();
        let start = self.rest;
        match next {
            Some('(') => {
                self.take(&['(']);
                self.parenthesis()
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() => self.name(),
            _ => Err(self.no_operand()),
        }?;
        self.last = &start[..start.len() - self.rest.len()];
        Ok(())
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
        let name = self.take_while(is_of_name);
        let op = match name {
            "x" => Op::X,
            "pi" => Op::Number(std::f64::consts::PI),
            "e" => Op::Number(std::f64::consts::E),
            _ => {
                let Some(&(_, f)) = FUNCTIONS.iter().find(|(n, _)| *n == name) else {
                    let habit = habits::name(name, self.rest);
                    self.rest = start;
                    let known = FUNCTIONS.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
                    let unknown = || format!("unknown name `{name}`, expected x, pi, e or one of {known}");
                    return Err(self.fail(habit.unwrap_or_else(unknown)));
                };
                if self.take(&['(']).is_none() {
                    let argument = habits::operand(self.rest);
                    return Err(self.unexpected(&format!("`(` after a function: `{name}({argument})`")));
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
        for (text, position, problem) in [
            ("", 1, "the formula ends, expected a number, `x`, a function or `(`"),
            ("x +", 4, "the formula ends, expected a number, `x`, a function or `(`"),
            ("sin x", 5, "found `x`, expected `(` after a function: `sin(x)`"),
            ("sin", 4, "the formula ends, expected `(` after a function: `sin(…)`"),
            ("(x", 3, "the formula ends, expected an operator (+ - * / ^) or `)`"),
            ("x)", 2, "found `)`, expected an operator (+ - * / ^) or the end"),
            ("1.2.3", 1, "`1.2.3` is not a number"),
            ("1 + y", 5, "unknown name `y`, expected x, pi, e or one of sin, cos, tanh, exp, ln, sqrt, abs"),
        ] {
            let told = Formula::parse(text).unwrap_err().to_string();
            assert_eq!(told, format!("formula `{text}`, character {position}: {problem}"));
        }
    }

    #[test]
    fn what_is_written_from_habit_is_told_as_a_formula_says_it() {
        for (text, position, problem) in [
            ("1 - |x|", 5, "an absolute value is written `abs(x)`"),
            ("|x", 1, "an absolute value is written `abs(x)`"),
            ("2|x + 1|", 2, "a product needs its `*`: write `2*abs(x + 1)`"),
            ("√(x + 1)", 1, "a square root is written `sqrt(x + 1)`"),
            ("3x", 2, "a product needs its `*`: write `3*x`"),
            ("2 + 3x²", 6, "a product needs its `*`: write `3*x`"),
            ("2(x+1)", 2, "a product needs its `*`: write `2*(x+1)`"),
            ("(x+1)(x-(1))", 6, "a product needs its `*`: write `(x+1)*(x-(1))`"),
            ("sin(x)cos(x)", 7, "a product needs its `*`: write `sin(x)*cos(x)`"),
            ("exp(2x)", 6, "a product needs its `*`: write `2*x`"),
            ("x y", 3, "a product needs its `*`: write `x*y`"),
            ("2e", 2, "a product needs its `*`: write `2*e`"),
            ("1 + x²", 6, "a power is written `x^2`"),
            ("sin(x)³", 7, "a power is written `sin(x)^3`"),
            ("(x + 1)⁻¹²", 8, "a power is written `(x + 1)^-12`"),
            ("x**2", 2, "a power is written `x^2`"),
            ("x ** (x + 1)", 3, "a power is written `x^(x + 1)`"),
            ("1 + pow(x, 2)", 5, "unknown name `pow`: write `x^2`"),
            ("x2", 1, "unknown name `x2`: write `x^2` or `x*2`"),
            ("1 + np.sin(x)", 5, "a function has no module before it: write `sin(x)`"),
            ("math.exp(2*x)", 1, "a function has no module before it: write `exp(2*x)`"),
            ("np.linalg.pi", 1, "a function has no module before it: write `pi`"),
            ("np.log(x)", 1, "a function has no module before it: write `ln(x)`"),
            ("math.pow(x - 1, 3)", 1, "a function has no module before it: write `(x - 1)^3`"),
            ("π*x", 1, "unknown name `π`: write `pi`"),
            ("log(x)", 1, "unknown name `log`: write `ln(x)`"),
            ("Sin(X)", 1, "unknown name `Sin`: write `sin(X)`"),
            ("2·x", 2, "write `*` for `·`"),
            ("−x", 1, "write `-` for `−`"),
        ] {
            let told = Formula::parse(text).unwrap_err().to_string();
            assert_eq!(told, format!("formula `{text}`, character {position}: {problem}"));
        }
    }

    #[test]
    fn nothing_exhausts_the_stack() {
        for text in ["(".repeat(100_000), "x^".repeat(100_000), "sin(".repeat(100_000)] {
            assert!(Formula::parse(&text).unwrap_err().to_string().contains("nested more than 100 deep"));
        }
        for habit in ["√", "|", "2|", "np.", "x²", "x**"] {
            assert!(Formula::parse(&habit.repeat(100_000)).is_err());
        }
        let long = "x+".repeat(100_000) + "x";
        assert_eq!(Formula::parse(&long).unwrap().at(1.0), 100_001.0);
    }
}
