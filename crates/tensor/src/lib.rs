//! Arrays, exact kernels, exact maths and seeded random streams.
