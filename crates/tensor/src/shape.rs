//! Shapes: broadcasting, sizes and how a shape is written in messages.
//!
//! Broadcasting is NumPy's: align the shapes at their last axes; two sizes meet if they are equal or one of them is 1.

use thiserror::Error;

/// Shapes that do not meet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// Two shapes have no common broadcast shape.
    #[error("cannot broadcast {} with {}", display(.left), display(.right))]
    Broadcast {
        /// The first operand's shape.
        left: Vec<usize>,
        /// The second operand's shape.
        right: Vec<usize>,
    },
    /// Two shapes that an operation needs to agree do not.
    #[error("{op}: {} does not go with {}", display(.left), display(.right))]
    Mismatch {
        /// The operation's name.
        op: &'static str,
        /// The first operand's shape.
        left: Vec<usize>,
        /// The second operand's shape.
        right: Vec<usize>,
    },
    /// An operation needs another number of axes.
    #[error("{op}: needs {expected} axes, got {}", display(.shape))]
    Rank {
        /// The operation's name.
        op: &'static str,
        /// The number of axes it takes.
        expected: usize,
        /// The operand's shape.
        shape: Vec<usize>,
    },
    /// An axis beyond the shape's last.
    #[error("{op}: no axis {axis} in {}", display(.shape))]
    Axis {
        /// The operation's name.
        op: &'static str,
        /// The axis asked for, from 0.
        axis: usize,
        /// The operand's shape.
        shape: Vec<usize>,
    },
    /// Another number of elements than the shape holds.
    #[error("{op}: {} holds {} elements, got {len}", display(.shape), size(.shape))]
    Size {
        /// The operation's name.
        op: &'static str,
        /// The shape.
        shape: Vec<usize>,
        /// The number of elements at hand.
        len: usize,
    },
}

/// The common shape of `a` and `b`.
///
/// # Errors
/// [`ShapeError::Broadcast`] where two sizes differ and neither is 1.
///
/// ```
/// assert_eq!(tensor::shape::broadcast(&[1000, 64], &[64]).unwrap(), [1000, 64]);
/// let e = tensor::shape::broadcast(&[1000, 64], &[32]).unwrap_err();
/// assert_eq!(e.to_string(), "cannot broadcast 1000×64 with 32");
/// ```
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, ShapeError> {
    let rank = a.len().max(b.len());
    // Missing leading axes count as 1.
    let at = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    let meet = |axis| match (at(a, axis), at(b, axis)) {
        (x, y) if x == y => Some(x),
        (1, y) => Some(y),
        (x, 1) => Some(x),
        _ => None,
    };
    let common: Option<Vec<_>> = (0..rank).map(meet).collect();
    common.ok_or_else(|| ShapeError::Broadcast { left: a.to_vec(), right: b.to_vec() })
}

/// The number of elements of `shape`; 1 for a scalar's empty shape.
pub fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// `1000×64`; `scalar` for the empty shape.
pub fn display(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".into();
    }
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_is_numpys() {
        // numpy.broadcast_shapes
        let ok: [(&[usize], &[usize], &[usize]); 6] = [
            (&[], &[], &[]),
            (&[3], &[], &[3]),
            (&[4, 1], &[3], &[4, 3]),
            (&[5, 1, 2], &[7, 1], &[5, 7, 2]),
            (&[0], &[1], &[0]),
            (&[1], &[0], &[0]),
        ];
        for (a, b, c) in ok {
            assert_eq!(broadcast(a, b).unwrap(), c);
            assert_eq!(broadcast(b, a).unwrap(), c);
        }
        assert!(broadcast(&[2, 3], &[2]).is_err());
        assert!(broadcast(&[0], &[2]).is_err());
    }

    #[test]
    fn messages_name_the_shapes() {
        let e = ShapeError::Mismatch { op: "matmul", left: vec![2, 3], right: vec![4, 5] };
        assert_eq!(e.to_string(), "matmul: 2×3 does not go with 4×5");
        let e = ShapeError::Size { op: "reshape", shape: vec![2, 3], len: 5 };
        assert_eq!(e.to_string(), "reshape: 2×3 holds 6 elements, got 5");
        assert_eq!(display(&[]), "scalar");
        assert_eq!(size(&[]), 1);
    }
}
