//! Operations on two arrays of different shapes, by NumPy's rule: shapes are aligned at their last axis, and an axis of size
//! one is repeated. Backward, what was repeated is summed.

use tensor::{
    Float, map, reduce,
    shape::{self, size},
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed};

/// Small graphs for the gradient check of an operation on two arrays, one for each way that shapes meet; `$of` applies the
/// operation to variables of two shapes.
macro_rules! examples {
    ($of:ident) => {
        fn same_shape(case: &mut Case) -> Result<Node, GraphError> {
            $of(case, &[3, 5], &[3, 5])
        }
        fn row(case: &mut Case) -> Result<Node, GraphError> {
            $of(case, &[4, 3], &[3])
        }
        fn column(case: &mut Case) -> Result<Node, GraphError> {
            $of(case, &[4, 1], &[4, 3])
        }
        fn outer(case: &mut Case) -> Result<Node, GraphError> {
            $of(case, &[2, 4, 1], &[3])
        }
        fn scalar(case: &mut Case) -> Result<Node, GraphError> {
            $of(case, &[], &[2, 2])
        }
    };
}
pub(crate) use examples;

/// A function of two numbers and its two derivatives.
pub(crate) trait Binary<F>: Copy + Send + Sync + 'static {
    const INFO: &'static Info;
    /// y = f(a, b).
    fn value(self, a: F, b: F) -> F;
    /// da = dy · ∂f/∂a.
    fn pull_left(self, a: F, b: F, dy: F) -> F;
    /// db = dy · ∂f/∂b.
    fn pull_right(self, a: F, b: F, dy: F) -> F;
}

/// How one input is laid over the output.
#[derive(Debug, Clone, PartialEq)]
enum Spread {
    /// Same shape.
    Same,
    /// Repeated along some axes: the stride of each output axis in the input, 0 where repeated.
    Strided(Vec<usize>),
}

impl Spread {
    fn new(input: &[usize], output: &[usize]) -> Self {
        if input == output {
            return Self::Same;
        }
        let missing = output.len() - input.len();
        let mut strides = vec![0; output.len()];
        let mut stride = 1;
        for axis in (missing..output.len()).rev() {
            let n = input[axis - missing];
            strides[axis] = if n == 1 { 0 } else { stride };
            stride *= n;
        }
        Self::Strided(strides)
    }

    /// Writes the input out to the output's shape.
    fn expand<F: Float>(&self, output: &[usize], x: &[F], full: &mut [F]) {
        match self {
            Self::Same => full.copy_from_slice(x),
            Self::Strided(strides) => expand_axis(output, strides, x, full),
        }
    }
}

fn expand_axis<F: Float>(shape: &[usize], strides: &[usize], x: &[F], full: &mut [F]) {
    let Some((&n, rest)) = shape.split_first() else {
        full[0] = x[0];
        return;
    };
    let chunk = size(rest);
    if n == 0 || chunk == 0 {
        return;
    }
    // Rows of one stride are the common case: copy them whole.
    if rest.is_empty() && strides[0] == 1 {
        full.copy_from_slice(&x[..n]);
        return;
    }
    for (i, full) in full.chunks_exact_mut(chunk).enumerate() {
        expand_axis(rest, &strides[1..], &x[i * strides[0]..], full);
    }
}

struct Pair<B, F> {
    f: B,
    spread: [Spread; 2],
    input_shapes: [Vec<usize>; 2],
    shape: Vec<usize>,
    /// Inputs written out to the output's shape; empty where that is how they come.
    full: [Vec<F>; 2],
    /// A gradient before its repeated axes are summed.
    partial: Vec<F>,
    summed: Vec<F>,
}

impl<F: Float, B> Pair<B, F> {
    fn expand(&mut self, x: Inputs<'_, F>) {
        for i in 0..2 {
            if self.spread[i] != Spread::Same {
                self.spread[i].expand(&self.shape, &x[i], &mut self.full[i]);
            }
        }
    }
    fn whole<'a>(&'a self, x: &'a Inputs<'_, F>, i: usize) -> &'a [F] {
        if self.spread[i] == Spread::Same { &x[i] } else { &self.full[i] }
    }
}

impl<F: Float, B: Binary<F>> Op<F> for Pair<B, F> {
    fn info(&self) -> &'static Info {
        B::INFO
    }

    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.expand(x);
        let f = self.f;
        map::zip(self.whole(&x, 0), self.whole(&x, 1), y, move |a, b| f.value(a, b));
    }

    fn backward(&mut self, input: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        let f = self.f;
        let repeated = self.spread[input] != Spread::Same;
        let mut partial = std::mem::take(&mut self.partial);
        let into = if repeated { &mut partial[..] } else { &mut dx[..] };
        let (a, b) = (self.whole(&at.x, 0), self.whole(&at.x, 1));
        match input {
            0 => map::zip3(a, b, at.dy, into, move |a, b, dy| f.pull_left(a, b, dy)),
            _ => map::zip3(a, b, at.dy, into, move |a, b, dy| f.pull_right(a, b, dy)),
        }
        if repeated {
            sum_to(&self.shape, &self.input_shapes[input], &mut partial, &mut self.summed, dx);
        }
        self.partial = partial;
    }
}

/// Sums `x` of `shape` over the axes along which an array of shape `target` was repeated. `x` and `work` are used up.
fn sum_to<F: Float>(shape: &[usize], target: &[usize], x: &mut Vec<F>, work: &mut Vec<F>, y: &mut [F]) {
    let missing = shape.len() - target.len();
    let mut outer = 1;
    for (axis, &n) in shape.iter().enumerate() {
        let inner = size(&shape[axis + 1..]);
        let kept = axis >= missing && target[axis - missing] == n;
        if kept {
            outer *= n;
        } else {
            reduce::sum_axis(&x[..outer * n * inner], outer, n, inner, &mut work[..outer * inner]);
            std::mem::swap(x, work);
        }
    }
    y.copy_from_slice(&x[..y.len()]);
}

impl<F: Float> Graph<F> {
    pub(crate) fn binary<B: Binary<F>>(&mut self, f: B, a: Node, b: Node) -> Result<Node, GraphError> {
        let input_shapes = [self.shape(a).to_vec(), self.shape(b).to_vec()];
        let shape = shape::broadcast(&input_shapes[0], &input_shapes[1]).map_err(|_| GraphError::Mismatch {
            op: B::INFO.name,
            left: self.name_of(a).to_owned(),
            left_shape: input_shapes[0].clone(),
            right: self.name_of(b).to_owned(),
            right_shape: input_shapes[1].clone(),
        })?;
        let spread = [Spread::new(&input_shapes[0], &shape), Spread::new(&input_shapes[1], &shape)];
        let n = size(&shape);
        let memory = |needed: bool| if needed { vec![F::ZERO; n] } else { Vec::new() };
        let any = spread.iter().any(|s| *s != Spread::Same);
        let full = [memory(spread[0] != Spread::Same), memory(spread[1] != Spread::Same)];
        let op =
            Pair { f, spread, input_shapes, shape: shape.clone(), full, partial: memory(any), summed: memory(any) };
        Ok(self.apply(op, &[a, b], &shape))
    }
}
