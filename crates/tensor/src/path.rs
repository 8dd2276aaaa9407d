//! Kernel paths: the same kernels compiled for different processors, one of them chosen once at run time.
//!
//! All paths give the same bits; they differ in speed only. `UNFOLD_KERNEL=portable|avx2|avx512|neon` forces one at start,
//! [`Path::force`] at any time.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};
use thiserror::Error;

/// Which instructions the kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    /// What every processor of the architecture has; fused multiply-add in software where need be.
    Portable = 1,
    /// x86-64 with AVX2, FMA, BMI and POPCNT: 8 lanes of `f32`, 16 registers.
    Avx2,
    /// The same with AVX-512 F, VL, BW and DQ: 16 lanes, 32 registers.
    Avx512,
    /// aarch64: 4 lanes, 32 registers.
    Neon,
}

/// Why a path cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// No path has that name.
    #[error("unknown kernel path `{name}`; this processor has {}", names(.available))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What this processor can run.
        available: &'static [Path],
    },
    /// This processor lacks the instructions.
    #[error("kernel path `{path}` is not available; this processor has {}", names(.available))]
    Unavailable {
        /// What was asked for.
        path: Path,
        /// What this processor can run.
        available: &'static [Path],
    },
}

fn names(paths: &[Path]) -> String {
    paths.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ")
}

/// The variable that forces a path at start.
pub const VARIABLE: &str = "UNFOLD_KERNEL";

/// The path in use, as `Path as u8`; 0 before the first question.
static ACTIVE: AtomicU8 = AtomicU8::new(0);

impl Path {
    /// The paths this processor can run, slowest first; never empty.
    pub fn available() -> &'static [Path] {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2") && has!("popcnt");
            let avx512 = avx2 && has!("avx512f") && has!("avx512vl") && has!("avx512bw") && has!("avx512dq");
            match (avx2, avx512) {
                (_, true) => &[Path::Portable, Path::Avx2, Path::Avx512],
                (true, _) => &[Path::Portable, Path::Avx2],
                _ => &[Path::Portable],
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            &[Path::Portable, Path::Neon]
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            &[Path::Portable]
        }
    }

    /// The fastest path this processor can run.
    pub fn best() -> Path {
        *Path::available().last().unwrap_or(&Path::Portable)
    }

    /// The path in use now.
    #[inline]
    pub fn active() -> Path {
        match ACTIVE.load(Relaxed) {
            1 => Path::Portable,
            2 => Path::Avx2,
            3 => Path::Avx512,
            4 => Path::Neon,
            _ => Path::first(),
        }
    }

    #[cold]
    fn first() -> Path {
        let path = Path::from_env().ok().flatten().unwrap_or_else(Path::best);
        ACTIVE.store(path as u8, Relaxed);
        path
    }

    /// Uses `path` from now on, in every thread; `None` returns to the fastest. Harmless to whoever computes at the same time:
    /// the bits do not change.
    ///
    /// # Errors
    /// [`PathError::Unavailable`] where this processor lacks the instructions.
    pub fn force(path: Option<Path>) -> Result<(), PathError> {
        let path = path.unwrap_or_else(Path::best).check()?;
        ACTIVE.store(path as u8, Relaxed);
        Ok(())
    }

    /// What the environment variable [`VARIABLE`] asks for; `None` where it is unset or empty.
    ///
    /// # Errors
    /// [`PathError`] where it names no path or one this processor lacks ([`Path::active`] then uses the fastest).
    pub fn from_env() -> Result<Option<Path>, PathError> {
        match std::env::var(VARIABLE) {
            Ok(name) if !name.is_empty() => name.parse::<Path>()?.check().map(Some),
            _ => Ok(None),
        }
    }

    fn check(self) -> Result<Path, PathError> {
        let available = Path::available();
        if available.contains(&self) { Ok(self) } else { Err(PathError::Unavailable { path: self, available }) }
    }

    /// `portable`, `avx2`, `avx512` or `neon`.
    pub fn name(self) -> &'static str {
        match self {
            Path::Portable => "portable",
            Path::Avx2 => "avx2",
            Path::Avx512 => "avx512",
            Path::Neon => "neon",
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(name: &str) -> Result<Path, PathError> {
        [Path::Portable, Path::Avx2, Path::Avx512, Path::Neon]
            .into_iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| PathError::Unknown { name: name.into(), available: Path::available() })
    }
}

/// A piece of work to be compiled once for each path.
///
/// Mark `run` and everything hot below it `#[inline(always)]`: it is compiled into a function that may use the path's
/// instructions, and only what is inlined there can use them.
pub trait Job {
    /// What the work gives.
    type Out;
    /// Does the work.
    fn run(self) -> Self::Out;
}

/// Runs `job` as compiled for the [active](Path::active) path.
#[inline]
pub fn dispatch<J: Job>(job: J) -> J::Out {
    match Path::active() {
        // SAFETY: a path becomes active only after `available` found its instructions on this processor.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => unsafe { run_avx512(job) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => unsafe { run_avx2(job) },
        _ => job.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi1,bmi2,popcnt")]
pub(crate) fn run_avx512<J: Job>(job: J) -> J::Out {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
pub(crate) fn run_avx2<J: Job>(job: J) -> J::Out {
    job.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_unknown_ones_list_what_there_is() {
        for p in [Path::Portable, Path::Avx2, Path::Avx512, Path::Neon] {
            assert_eq!(p.name().parse::<Path>(), Ok(p));
        }
        let message = "sse".parse::<Path>().unwrap_err().to_string();
        assert!(message.starts_with("unknown kernel path `sse`; this processor has portable"), "{message}");
    }

    #[test]
    fn a_missing_path_is_refused() {
        let missing = if cfg!(target_arch = "aarch64") { Path::Avx2 } else { Path::Neon };
        let message = Path::force(Some(missing)).unwrap_err().to_string();
        assert!(message.contains("is not available; this processor has portable"), "{message}");
    }
}
