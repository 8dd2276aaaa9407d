//! A run's folder: every file appears whole or not at all, and none lingers from an earlier run.
//!
//! A file is written under a temporary name in its own folder and renamed when it is complete, so that there are whole files only
//! at any moment, also when the process is killed. A list of the files is written before each new one: from it the next run knows
//! which files are this program's own and may be deleted, and it never touches any other.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use download::lock::{self, Lock};
use tempfile::Builder;

/// How temporary files are called: `.unfold-XXXXXX.tmp`.
const PREFIX: &str = ".unfold-";
const SUFFIX: &str = ".tmp";
/// The list of the files of a run folder, one per line, relative, with `/`.
const LIST: &str = ".files";
/// Locked while a run writes into its folder.
const LOCK: &str = ".unfold-run.lock";

/// Temporary files that exist now. They are created, renamed and deleted under this lock.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn temporary() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is to be said of what an interrupt leaves.
static KEPT: Mutex<String> = Mutex::new(String::new());

/// From here on an interrupt says this: what is kept, and how to go on.
pub fn say_if_interrupted(text: impl Into<String>) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
}

/// Deletes every temporary file, says what is kept and ends the process: what an interrupt does. No file is created or renamed
/// meanwhile.
pub fn abandon(exit_code: i32) -> ! {
    let held = temporary();
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if !kept.is_empty() {
        // A closed stream is no reason to stay. The line may have begun with a bar, or with what the terminal shows of the key.
        let _ = writeln!(io::stderr(), "\ninterrupted; {kept}");
    }
    for path in held.iter() {
        // A file that cannot be deleted is left to the next run.
        let _ = std::fs::remove_file(path);
    }
    std::process::exit(exit_code)
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FileError {
    /// What was tried: `write`, `read`, `create the folder`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

impl FileError {
    /// An error of `action` on `path`.
    pub fn new(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        FileError { action, path: path.into(), source }
    }
}

/// The steps of writing that have been taken, and those of them that fail. A step makes a folder, begins, fills, renames or
/// deletes a file.
static STEPS: Mutex<(u64, Range<u64>)> = Mutex::new((0, 0..0));

/// Counts steps of writing from here on, and has these fail as on a full disk: how tests see what a run makes of it. Returns how
/// many steps there have been since the last call.
pub fn fail_at(steps: Range<u64>) -> u64 {
    let mut now = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *now, (0, steps)).0
}

/// A step of writing.
fn step() -> io::Result<()> {
    let mut steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    let fails = steps.1.contains(&steps.0);
    steps.0 += 1;
    if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

/// Makes a folder and those above it, where they are not there.
pub fn create_folder(folder: &Path) -> Result<(), FileError> {
    let made = step().and_then(|()| std::fs::create_dir_all(folder));
    made.map_err(|error| FileError::new("create the folder", folder, error))
}

/// Writes a file whole or not at all; its folder must exist.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_by(path, |file| {
        // A disk is full in the middle of a file.
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        file.write_all(first).and_then(|()| step()).and_then(|()| file.write_all(rest))
    })
}

/// The same, of a file that is too large to be made at once: `fill` writes it piece by piece.
pub fn write_by(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    let error = |source| FileError::new("write", path, source);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = {
        let mut held = temporary();
        let mut builder = Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        // Ordinary permissions: what the user's umask leaves, where a temporary file would be private.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = step().and_then(|()| builder.tempfile_in(folder)).map_err(error)?;
        held.insert(file.path().to_owned());
        file
    };
    let mut buffer = BufWriter::new(&mut file);
    let written = fill(&mut buffer).and_then(|()| buffer.flush());
    drop(buffer);
    let mut held = temporary();
    held.remove(file.path());
    written.and_then(|()| step()).map_err(error)?;
    file.persist(path).map_err(|e| error(e.error))?;
    Ok(())
}

/// Whether a run may write into this folder: one that is not there, is empty, or is a run's, and no link.
///
/// # Errors
/// If not: what was found there, and what to do.
pub fn check_run_folder(root: &Path) -> Result<(), FileError> {
    let refused = |why: String| Err(FileError::new("write into", root, io::Error::other(why)));
    match std::fs::symlink_metadata(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(FileError::new("look into", root, error)),
        Ok(meta) if meta.is_symlink() => {
            let target = std::fs::read_link(root).unwrap_or_default();
            return refused(format!(
                "it is a link to {}, and a run writes through none; give that folder by --out",
                target.display()
            ));
        }
        Ok(meta) if !meta.is_dir() => return refused("it is a file; choose another folder by --out".to_owned()),
        Ok(_) => {}
    }
    let own = |name: &String| is_temporary(name) || name == LOCK;
    let foreign: Vec<String> = entries(root).iter().map(|path| name(path)).filter(|name| !own(name)).collect();
    if foreign.is_empty() || root.join(LIST).is_file() {
        return Ok(());
    }
    let more = if foreign.len() > 3 { format!(" and {} more", foreign.len() - 3) } else { String::new() };
    let found = foreign.into_iter().take(3).collect::<Vec<_>>().join(", ");
    refused(format!("it holds {found}{more}, which no run has written; choose an empty or a new folder by --out"))
}

fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// The folder of one run.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Files of earlier runs and of this one.
    listed: BTreeSet<String>,
    /// Files of this run.
    written: BTreeSet<String>,
    /// Those written since the last mark.
    marked: BTreeSet<String>,
    /// No other run writes into it meanwhile.
    _lock: Lock,
}

impl Folder {
    /// Opens or makes the folder, and deletes temporary files that a killed run left in it. Where another run writes into it,
    /// waits until that has ended; `waiting` is told who it is.
    pub fn open(root: impl Into<PathBuf>, waiting: impl FnOnce(&str)) -> Result<Self, FileError> {
        let root = root.into();
        check_run_folder(&root)?;
        create_folder(&root)?;
        let path = root.join(LOCK);
        let _lock = lock::acquire(&path, waiting).map_err(|error| FileError::new("lock", path, error))?;
        for folder in std::iter::once(root.clone()).chain(all_folders(&root)) {
            for path in entries(&folder) {
                if is_temporary(&name(&path)) {
                    let _ = std::fs::remove_file(&path);
                }
            }
        }
        // No list: a new folder.
        let list = std::fs::read_to_string(root.join(LIST)).unwrap_or_default();
        let inside = |line: &&str| !line.is_empty() && line.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let listed = list.lines().filter(inside).map(str::to_owned).collect();
        Ok(Folder { root, listed, written: BTreeSet::new(), marked: BTreeSet::new(), _lock })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The full path of a file in it.
    pub fn path(&self, relative: &str) -> PathBuf {
        relative.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }

    /// The full path of a file in it that is to be written or deleted.
    ///
    /// # Errors
    /// If a folder on the way is a link.
    fn own_path(&self, relative: &str) -> Result<PathBuf, FileError> {
        let path = self.path(relative);
        let above = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
        match above.filter(|folder| folder.is_symlink()).last() {
            Some(link) => {
                let why =
                    "it is a link, and a run writes through none; take it away, or choose another folder by --out";
                Err(FileError::new("write into", link, io::Error::other(why)))
            }
            None => Ok(path),
        }
    }

    /// Writes `relative` (parts joined by `/`), making its folder.
    pub fn write(&mut self, relative: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.place(relative).and_then(|path| write(&path, bytes))?;
        self.note(relative);
        Ok(())
    }

    /// The same, piece by piece: [`write_by`].
    pub fn write_by(
        &mut self,
        relative: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), FileError> {
        self.place(relative).and_then(|path| write_by(&path, fill))?;
        self.note(relative);
        Ok(())
    }

    /// Where a file is to be written: makes its folder and lists it.
    fn place(&mut self, relative: &str) -> Result<PathBuf, FileError> {
        let path = self.own_path(relative)?;
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        if self.listed.insert(relative.to_owned()) {
            self.write_list()?;
        }
        Ok(path)
    }

    /// Counts a file as this run's.
    fn note(&mut self, relative: &str) {
        self.written.insert(relative.to_owned());
        self.marked.insert(relative.to_owned());
    }

    /// Lists files that are to be written, all at once: writing them one by one need not.
    pub fn announce<'f>(&mut self, files: impl Iterator<Item = &'f str>) -> Result<(), FileError> {
        let before = self.listed.len();
        self.listed.extend(files.map(str::to_owned));
        if self.listed.len() > before { self.write_list() } else { Ok(()) }
    }

    /// Reads `relative`.
    pub fn read(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        let path = self.path(relative);
        std::fs::read(&path).map_err(|error| FileError::new("read", path, error))
    }

    /// Counts a file of an earlier run as this one's, if it is there.
    pub fn retain(&mut self, relative: &str) {
        if self.path(relative).exists() {
            self.note(relative);
        }
    }

    /// From here on [`Folder::since_mark`] counts.
    pub fn mark(&mut self) {
        self.marked.clear();
    }

    /// The files written or retained since the mark, sorted.
    pub fn since_mark(&self) -> impl Iterator<Item = &str> {
        self.marked.iter().map(String::as_str)
    }

    /// Deletes one file of an earlier run, if it is there.
    pub fn delete(&mut self, relative: &str) -> Result<(), FileError> {
        let path = self.own_path(relative)?;
        match step().and_then(|()| std::fs::remove_file(&path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::new("delete", path, error)),
            _ => Ok(()),
        }
    }

    /// The files of this run, sorted.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(String::as_str)
    }

    /// Deletes what earlier runs left and this one did not write again.
    pub fn delete_stale(&mut self) -> Result<(), FileError> {
        for relative in self.listed.difference(&self.written) {
            // What lies behind a link is not this run's.
            let _ = self.own_path(relative).map(std::fs::remove_file);
        }
        for folder in all_folders(&self.root).into_iter().rev() {
            // Succeeds for empty folders only.
            let _ = std::fs::remove_dir(folder);
        }
        if self.listed != self.written {
            self.listed = self.written.clone();
            self.write_list()?;
        }
        Ok(())
    }

    fn write_list(&self) -> Result<(), FileError> {
        let lines: String = self.listed.iter().map(|l| format!("{l}\n")).collect();
        write(&self.root.join(LIST), lines.as_bytes())
    }
}

/// The contents of a folder, sorted by name.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    list.sort();
    list
}

/// The name of a file or folder; of one without, such as `..`, the whole path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The name of a file without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A path as short as it can be typed here.
pub fn shown(path: &Path) -> String {
    let below = |here: PathBuf| path.strip_prefix(here).ok().map(Path::to_owned);
    std::env::current_dir().ok().and_then(below).as_deref().unwrap_or(path).display().to_string()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|p| p.is_dir() && !p.is_symlink()).collect()
}

/// All folders below one, each before those in it.
fn all_folders(root: &Path) -> Vec<PathBuf> {
    let mut found = subfolders(root);
    let mut next = 0;
    while next < found.len() {
        found.extend(subfolders(&found[next]));
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that nobody else has.
    fn open(root: impl Into<PathBuf>) -> Result<Folder, FileError> {
        Folder::open(root, |who| unreachable!("{who} has it"))
    }

    #[test]
    fn what_an_earlier_run_left_goes_and_what_the_user_put_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let mut first = open(place.path().join("run")).unwrap();
        first.write("figures/a.svg", b"a").unwrap();
        first.write("figures/b.svg", b"b").unwrap();
        first.write("metrics.json", b"{}").unwrap();
        std::fs::write(first.path("figures/notes.txt"), "mine").unwrap();
        std::fs::write(first.path("figures/.unfold-abc123.tmp"), "half").unwrap();
        drop(first);

        let mut second = open(place.path().join("run")).unwrap();
        second.write("metrics.json", b"{ }").unwrap();
        second.write("figures/b.svg", b"B").unwrap();
        second.delete_stale().unwrap();
        let names = |folder: &str| -> Vec<String> {
            let list = entries(&place.path().join(folder));
            list.iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("run"), [".files", ".unfold-run.lock", "figures", "metrics.json"]);
        assert_eq!(names("run/figures"), ["b.svg", "notes.txt"]);
        assert_eq!(std::fs::read(second.path("figures/b.svg")).unwrap(), b"B");
    }

    #[test]
    fn a_list_that_leads_outside_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("outside"), "mine").unwrap();
        std::fs::create_dir(place.path().join("run")).unwrap();
        std::fs::write(place.path().join("run/.files"), "../outside\n/outside\n").unwrap();
        open(place.path().join("run")).unwrap().delete_stale().unwrap();
        assert!(place.path().join("outside").exists());
    }

    #[test]
    fn a_folder_with_files_of_others_is_refused_and_left_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".unfold-abc123.tmp"), "of a killed run").unwrap();
        check_run_folder(&folder).unwrap();
        for name in ["a.svg", "b.svg", "c.svg", "d.svg"] {
            std::fs::write(folder.join(name), "mine").unwrap();
        }
        let told = open(&folder).unwrap_err().to_string();
        let why = "it holds a.svg, b.svg, c.svg and 1 more, which no run has written; choose an empty or a new folder by --out";
        assert_eq!(told, format!("cannot write into {}: {why}", folder.display()));
        assert_eq!(entries(&folder).len(), 5);
        let told = check_run_folder(&folder.join("a.svg")).unwrap_err().to_string();
        assert!(told.ends_with("it is a file; choose another folder by --out"), "{told}");
    }

    #[test]
    #[cfg(unix)]
    fn nothing_is_written_or_deleted_through_a_link() {
        let place = tempfile::tempdir().unwrap();
        let (run, elsewhere) = (place.path().join("run"), place.path().join("elsewhere"));
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("old.svg"), "mine").unwrap();
        let mut folder = open(&run).unwrap();
        folder.write("metrics.json", b"{}").unwrap();
        std::os::unix::fs::symlink(&elsewhere, run.join("figures")).unwrap();
        let told = folder.write("figures/a.svg", b"a").unwrap_err().to_string();
        assert!(told.contains("run/figures: it is a link, and a run writes through none"), "{told}");
        assert!(folder.delete("figures/old.svg").is_err());
        drop(folder);
        std::fs::write(run.join(".files"), "figures/old.svg\n").unwrap();
        open(&run).unwrap().delete_stale().unwrap();
        assert_eq!(entries(&elsewhere), [elsewhere.join("old.svg")]);
        // Nor is the folder itself a link; where a link lies above it, that is how a disk is laid out.
        std::os::unix::fs::symlink(&run, place.path().join("link")).unwrap();
        let told = open(place.path().join("link")).unwrap_err().to_string();
        assert!(told.contains("it is a link to ") && told.ends_with("give that folder by --out"), "{told}");
        open(place.path().join("link/below")).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let error = write(Path::new("/nonexistent/folder/x.svg"), b"").unwrap_err();
        assert!(error.to_string().starts_with("cannot write /nonexistent/folder/x.svg: "), "{error}");
    }
}
