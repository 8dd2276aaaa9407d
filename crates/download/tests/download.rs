//! Downloads from servers that behave and misbehave: never a bad file, never a hang, always a message.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod server;

use download::{Event, FetchError, Outcome, Source, Timeouts, Wanted, fetch};
use server::{Reply, Server};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// 200,000 bytes of no pattern.
fn file() -> Vec<u8> {
    let mut state = 1_u32;
    (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

const NAME: &str = "train-images-idx3-ubyte.gz";

fn short() -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(500),
        read: Duration::from_millis(300),
        attempts: 3,
        pause: Duration::from_millis(5),
    }
}

/// What lies in a folder, by name.
fn inside(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Fetches from these servers; the result, and what was told of failures.
fn get(folder: &Path, servers: &[&Server]) -> (Result<Outcome, FetchError>, Vec<String>) {
    let sources: Vec<Source> = servers.iter().map(|s| Source::parse(&s.url).unwrap()).collect();
    let (file, mut told) = (file(), Vec::new());
    let hash = sha256(&file);
    let wanted = Wanted { name: NAME, size: file.len() as u64, sha256: &hash };
    let begun = Instant::now();
    let result = fetch(&wanted, folder, &sources, &short(), &mut |event| {
        if let Event::Failed(source, error) = event {
            told.push(format!("{source}: {error}"));
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
    match &result {
        Ok(_) => assert_eq!((inside(folder), std::fs::read(folder.join(NAME)).unwrap()), (vec![NAME.to_owned()], file)),
        Err(_) => assert!(!folder.join(NAME).exists(), "no bad file"),
    }
    (result, told)
}

/// Fetches with one server into a new folder.
fn alone(replies: Vec<Reply>) -> (Result<Outcome, FetchError>, Vec<String>, Server, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&file(), replies);
    let (result, told) = get(folder.path(), &[&server]);
    (result, told, server, inside(folder.path()))
}

#[test]
fn a_good_file_comes_once_and_is_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&file(), vec![Reply::Good]);
    let deep = folder.path().join("cache/mnist");
    assert_eq!(get(&deep, &[&server]).0.unwrap(), Outcome::Fetched);
    assert_eq!(get(&deep, &[&server]).0.unwrap(), Outcome::Present);
    assert_eq!(server.requests(), [None]);
    // A file that has rotted is replaced.
    std::fs::write(deep.join(NAME), vec![0; 200_000]).unwrap();
    assert_eq!(get(&deep, &[&server]).0.unwrap(), Outcome::Fetched);
}

#[test]
fn wrong_bytes_of_the_right_size_are_refused_and_leave_nothing() {
    let mut wrong = file();
    wrong[100_000] ^= 1;
    let (result, _, server, left) = alone(vec![Reply::Bytes(wrong.clone())]);
    let message = result.unwrap_err().to_string();
    for words in [NAME, &server.url, &sha256(&wrong), &sha256(&file())] {
        assert!(message.contains(words), "{words}: {message}");
    }
    assert_eq!((left, server.requests().len()), (vec![], 1));
}

#[test]
fn shorter_and_longer_files_are_refused() {
    let long = [file(), vec![1]].concat();
    for (reply, words) in [
        (Reply::Bytes(file()[..150_000].to_vec()), "150000 bytes, expected 200000"),
        (Reply::Bytes(long), "200001 bytes, expected 200000"),
        (Reply::Unannounced([&[1], &file()[..]].concat()), "SHA-256 "),
        (Reply::Unannounced(file()[..150_000].to_vec()), "the connection broke after 150000 of 200000 bytes"),
    ] {
        let (result, _, server, left) = alone(vec![reply.clone(), reply.clone(), reply]);
        let message = result.unwrap_err().to_string();
        assert!(message.contains(words) && message.contains(&server.url), "{words}: {message}");
        assert!(left.iter().all(|name| name == &format!(".{NAME}.part")), "{left:?}");
    }
}

#[test]
fn a_server_that_names_no_length_and_hangs_up_late_is_left_when_all_is_there() {
    // Of a file of the right hash nothing is missing, whatever would come behind it.
    for reply in [Reply::Open, Reply::Unannounced([file(), file()].concat())] {
        let begun = Instant::now();
        let (result, told, ..) = alone(vec![reply]);
        assert_eq!((result.unwrap(), told), (Outcome::Fetched, vec![]));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_url_is_no_folder_and_its_password_is_never_repeated() {
    let told = |text: &str| Source::parse(text).map_err(|error| error.to_string());
    let expected = "expected a folder, or a URL that begins with http:// or https://";
    for (url, shown) in [("ftp://host/a", "ftp://host/a"), ("sftp://me:secret@host", "sftp://host")] {
        assert_eq!(told(url), Err(format!("files cannot be had from {shown}: {expected}")));
    }
    assert_eq!(told("a/b@c").unwrap().shown(), "a/b@c");
    let source = told("HTTPS://me:sec@ret@host:80/a@b?c").unwrap();
    assert_eq!(
        (source.shown(), source.place_of("f")),
        ("HTTPS://host:80/a@b?c/", "HTTPS://host:80/a@b?c/f".to_owned())
    );
}

#[test]
fn what_a_server_refuses_is_told_and_asked_again_where_that_helps() {
    let (result, _, server, left) = alone(vec![Reply::Status(404)]);
    let message = result.unwrap_err().to_string();
    assert!(message.contains(&format!("{}{NAME}: the server answered 404", server.url)), "{message}");
    assert_eq!((server.requests().len(), left), (1, vec![]));

    let (result, told, server, _) = alone(vec![Reply::Status(500), Reply::Status(503), Reply::Good]);
    assert_eq!(result.unwrap(), Outcome::Fetched);
    assert_eq!((server.requests().len(), told.len()), (3, 2));
    assert!(alone(vec![Reply::Status(500)]).0.unwrap_err().to_string().contains("answered 500"));
}

#[test]
fn redirects_are_followed() {
    let there = Server::start(&file(), vec![Reply::Good]);
    let folder = tempfile::tempdir().unwrap();
    let here = Server::start(&file(), vec![Reply::Redirect(format!("{}elsewhere", there.url))]);
    assert_eq!(get(folder.path(), &[&here]).0.unwrap(), Outcome::Fetched);
    assert_eq!(there.requests().len(), 1);
    // But not in circles.
    let folder = tempfile::tempdir().unwrap();
    let circle = Server::start(&file(), vec![Reply::Redirect("/again".into())]);
    let message = get(folder.path(), &[&circle]).0.unwrap_err().to_string();
    assert!(message.contains("redirect"), "{message}");
}

#[test]
fn a_lost_connection_is_gone_on_with() {
    let (result, told, server, _) = alone(vec![Reply::Drop(70_000), Reply::Drop(60_000), Reply::Good]);
    assert_eq!(result.unwrap(), Outcome::Fetched);
    assert_eq!(server.requests()[0], None);
    assert!(server.requests()[1..].iter().all(|start| start.is_some_and(|s| s > 0)), "{:?}", server.requests());
    assert!(told[0].contains("the connection broke after"), "{told:?}");
    // A server that only knows whole files.
    let (result, _, server, _) = alone(vec![Reply::Drop(70_000), Reply::NoRanges]);
    assert_eq!((result.unwrap(), server.requests().len()), (Outcome::Fetched, 2));
    // One that refuses the rest.
    let (result, _, server, _) = alone(vec![Reply::Drop(70_000), Reply::Status(416), Reply::Good]);
    assert_eq!((result.unwrap(), server.requests().len()), (Outcome::Fetched, 3));
}

#[test]
fn a_part_of_another_file_does_not_spoil_this_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!(".{NAME}.part")), vec![7; 50_000]).unwrap();
    let server = Server::start(&file(), vec![Reply::Good]);
    assert_eq!(get(folder.path(), &[&server]).0.unwrap(), Outcome::Fetched);
    assert_eq!(server.requests(), [Some(50_000), None]);
    // Nor does one that is longer than the file.
    std::fs::write(folder.path().join(format!(".{NAME}.part")), vec![7; 300_000]).unwrap();
    std::fs::remove_file(folder.path().join(NAME)).unwrap();
    assert_eq!(get(folder.path(), &[&server]).0.unwrap(), Outcome::Fetched);
}

#[test]
fn waiting_for_nothing_ends() {
    for reply in [Reply::Stall(50_000), Reply::Silent, Reply::Trickle] {
        let (result, _, server, _) = alone(vec![reply]);
        let message = result.unwrap_err().to_string();
        assert!(message.contains("nothing came for 0.3 seconds"), "{message}");
        assert_eq!(server.requests().len(), 3);
    }
    let (result, ..) = alone(vec![Reply::Stall(50_000), Reply::Good]);
    assert_eq!(result.unwrap(), Outcome::Fetched);
}

#[test]
fn the_next_mirror_has_it() {
    let mut wrong = file();
    wrong[0] ^= 1;
    for bad in [Reply::Bytes(wrong), Reply::Status(403), Reply::Drop(1000), Reply::Bytes(vec![])] {
        let folder = tempfile::tempdir().unwrap();
        let (bad, good) = (Server::start(&file(), vec![bad]), Server::start(&file(), vec![Reply::Good]));
        let (result, told) = get(folder.path(), &[&bad, &good]);
        assert_eq!(result.unwrap(), Outcome::Fetched);
        assert!(told.iter().any(|t| t.starts_with(&bad.url)), "{told:?}");
    }
}

#[test]
fn nobody_there_is_told_at_once() {
    let begun = Instant::now();
    let hash = sha256(&[]);
    let wanted = Wanted { name: NAME, size: 5, sha256: &hash };
    let folder = tempfile::tempdir().unwrap();
    // Port 9 of this machine: nobody listens. The other name exists nowhere (RFC 2606).
    let sources =
        ["http://127.0.0.1:9/mnist/", "http://me:secret@nowhere.invalid/mnist"].map(|url| Source::parse(url).unwrap());
    let error = fetch(&wanted, folder.path(), &sources, &Timeouts::default(), &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains(&format!("http://nowhere.invalid/mnist/{NAME}: no connection: ")), "{error}");
    assert!(error.contains("http://127.0.0.1:9/mnist/"), "{error}");
    assert!(!error.contains("secret"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(inside(folder.path()), [""; 0]);
}

#[test]
fn a_folder_serves_as_well() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let hash = sha256(&file());
    let wanted = Wanted { name: NAME, size: 200_000, sha256: &hash };
    let sources = [Source::parse(from.path().to_str().unwrap()).unwrap()];
    let get = || fetch(&wanted, to.path(), &sources, &short(), &mut |_| ());
    let missing = get().unwrap_err().to_string();
    assert!(missing.contains("cannot be read") && missing.contains(from.path().to_str().unwrap()), "{missing}");
    std::fs::write(from.path().join(NAME), vec![1; 200_000]).unwrap();
    assert!(get().unwrap_err().to_string().contains("SHA-256"));
    assert_eq!(inside(to.path()), [""; 0]);
    std::fs::write(from.path().join(NAME), file()).unwrap();
    assert_eq!(get().unwrap(), Outcome::Fetched);
    assert_eq!(std::fs::read(to.path().join(NAME)).unwrap(), file());
}

/// What the tests below run as a process of its own.
#[test]
#[ignore = "run by other tests"]
fn child() {
    let (Ok(url), Ok(folder)) = (std::env::var("TEST_URL"), std::env::var("TEST_FOLDER")) else { return };
    let hash = sha256(&file());
    let wanted = Wanted { name: NAME, size: 200_000, sha256: &hash };
    let timeouts = Timeouts { read: Duration::from_secs(10), ..short() };
    match fetch(&wanted, folder.as_ref(), &[Source::parse(&url).unwrap()], &timeouts, &mut |_| ()) {
        Ok(outcome) => println!("OUTCOME {outcome:?}"),
        Err(error) => println!("ERROR {error}"),
    }
}

fn process(program: &str, before: &[&str], url: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(before).args(["--exact", "child", "--ignored", "--nocapture"]);
    command.env("TEST_URL", url).env("TEST_FOLDER", folder).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

#[test]
fn processes_at_once_all_end_right_and_one_downloads() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&file(), vec![Reply::Slow]);
    let this = std::env::current_exe().unwrap();
    let start = || process(this.to_str().unwrap(), &[], &server.url, folder.path()).spawn().unwrap();
    let all: Vec<_> = (0..3).map(|_| start()).collect();
    let said: Vec<String> =
        all.into_iter().map(|c| String::from_utf8(c.wait_with_output().unwrap().stdout).unwrap()).collect();
    let count = |word: &str| said.iter().filter(|s| s.contains(word)).count();
    assert_eq!((count("OUTCOME Fetched"), count("OUTCOME Present")), (1, 2), "{said:?}");
    assert_eq!((server.requests().len(), inside(folder.path())), (1, vec![NAME.to_owned()]));
    assert_eq!(std::fs::read(folder.path().join(NAME)).unwrap(), file());
}

#[test]
fn a_killed_download_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&file(), vec![Reply::Stall(130_000), Reply::Good]);
    let this = std::env::current_exe().unwrap();
    let mut child = process(this.to_str().unwrap(), &[], &server.url, folder.path()).spawn().unwrap();
    let part = folder.path().join(format!(".{NAME}.part"));
    let begun = Instant::now();
    while std::fs::metadata(&part).map_or(0, |m| m.len()) < 100_000 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the download does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.path().join(NAME).exists());
    assert_eq!(get(folder.path(), &[&server]).0.unwrap(), Outcome::Fetched);
    assert!(server.requests()[1].is_some_and(|start| start >= 100_000), "{:?}", server.requests());
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let this = std::env::current_exe().unwrap();
    for (variables, asked) in [
        (&[("http_proxy", "URL")][..], 2),
        (&[("ALL_PROXY", "URL")], 2),
        (&[("http_proxy", "URL"), ("ALL_PROXY", "http://127.0.0.1:9/"), ("no_proxy", "where.invalid")], 2),
        (&[("https_proxy", "URL")], 0),
        (&[("http_proxy", "URL"), ("no_proxy", "localhost, nowhere.invalid")], 0),
        (&[("http_proxy", "URL"), ("NO_PROXY", "*")], 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&file(), vec![Reply::Tunnel]);
        let mut command = process(this.to_str().unwrap(), &[], "http://mirror.nowhere.invalid/", folder.path());
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command.envs(variables.iter().map(|(name, value)| (name, value.replace("URL", &server.url))));
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(said.contains(if asked > 0 { "OUTCOME Fetched" } else { "no connection" }), "{variables:?}: {said}");
        assert_eq!(server.requests().len(), asked, "{variables:?}");
    }
}

#[test]
fn a_file_in_place_of_the_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache"), "").unwrap();
    let server = Server::start(&file(), vec![Reply::Good]);
    let error = get(&folder.path().join("cache/mnist"), &[&server]).0.unwrap_err().to_string();
    assert!(error.starts_with("cannot make the folder ") && error.contains("cache/mnist"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_disk_that_takes_no_more_is_told_and_left_clean() {
    // A limit of 100 blocks of 512 or 1024 bytes on any file, with the signal ignored, makes writes fail as a full disk does.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&file(), vec![Reply::Good]);
    let this = std::env::current_exe().unwrap();
    let script = "trap '' XFSZ; ulimit -f 100 || exit 9; exec \"$0\" \"$@\"";
    let mut command = process("sh", &["-c", script, this.to_str().unwrap()], &server.url, folder.path());
    let output = command.output().unwrap();
    if output.status.code() == Some(9) {
        eprintln!("SKIPPED: this shell sets no limit on files");
        return;
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("ERROR cannot write ") && said.contains(".part: "), "{said}");
    assert_eq!((inside(folder.path()), server.requests().len()), (vec![], 1));
}

#[test]
fn who_waits_is_told_for_whom_and_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    // What a killed process leaves is a file that nobody has locked.
    std::fs::write(&path, "4711 and more").unwrap();
    let held = download::lock::acquire(&path, |_| unreachable!("nobody has it")).unwrap();
    let (send, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| download::lock::acquire(&path, |who| send.send(who.to_owned()).unwrap()).unwrap());
        assert_eq!(told.recv().unwrap(), format!("process {}", std::process::id()));
        drop(held);
    });
    assert!(!path.exists());
}
