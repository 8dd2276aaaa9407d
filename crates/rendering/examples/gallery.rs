//! Every kind of mark and the usual combinations, written as SVG into the folder given (default `gallery`):
//! `cargo run -p rendering --example gallery -- /tmp/gallery`.

#[path = "../tests/gallery/mod.rs"]
mod gallery;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".into()));
    std::fs::create_dir_all(&folder)?;
    for figure in gallery::figures() {
        std::fs::write(folder.join(format!("{}.svg", figure.id)), figure.to_svg()?)?;
    }
    Ok(())
}
