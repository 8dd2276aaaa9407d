//! Numbers too small for full precision: a processor can be told to take them for zero, which moves last bits.
//!
//! No program starts so, but libraries built for speed switch it on as they are loaded (GCC's `-ffast-math` links code that
//! does).
//! Kernels assume the standard's arithmetic (IEEE 754-2019, 3.3), so that whoever computes asks first.

use std::hint::black_box;

/// Why results would not be exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this processor was told to take numbers below 10^-38 for zero, by a library loaded into this program (LD_PRELOAD?): \
     results would not be exact; start the program without it"
)]
pub struct Flushed;

/// Whether this thread computes with the smallest numbers as the standard says, as operands and as results, and so the threads
/// that it starts from here on.
///
/// # Errors
/// If it takes them for zero.
pub fn check() -> Result<(), Flushed> {
    // Hidden from the compiler, which would compute them itself.
    let (result, operand) = (black_box(f32::MIN_POSITIVE) * black_box(0.5), black_box(1e-40_f32) * black_box(1e10));
    let (wide, wide_operand) =
        (black_box(f64::MIN_POSITIVE) * black_box(0.5), black_box(1e-310_f64) * black_box(1e100));
    let zero = |bits: u64| bits << 1 == 0;
    let flushed = black_box(result).to_bits() == 0
        || black_box(operand).to_bits() == 0
        || zero(black_box(wide).to_bits())
        || zero(black_box(wide_operand).to_bits());
    if flushed { Err(Flushed) } else { Ok(()) }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::arch::asm;

    /// The control word of this thread's vector arithmetic.
    fn control() -> u32 {
        let mut word = 0_u32;
        // SAFETY: stores the control word where `word` lies.
        unsafe { asm!("stmxcsr [{}]", in(reg) &mut word) };
        word
    }

    fn set_control(word: u32) {
        // SAFETY: `word` is one that the processor gave, with documented bits set; the test restores it.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &word) };
    }

    #[test]
    fn a_processor_that_takes_small_numbers_for_zero_is_noticed() {
        let usual = control();
        assert_eq!(check(), Ok(()));
        // Flush to zero is bit 15, denormals are zero bit 6 (Intel SDM, volume 1, 10.2.3).
        let found = [1 << 15, 1 << 6].map(|bit| {
            set_control(usual | bit);
            let found = check();
            set_control(usual);
            found
        });
        assert_eq!(found, [Err(Flushed); 2]);
    }
}
