//! The command line: arguments in, exit code out. Everything else is in the `pipeline` crate.

mod arguments;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// The exit code after an interrupt: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to the output stream and is a success, mistakes to the error stream and are 2, as everywhere here.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // Fails only where a handler is set twice.
    let _ = ctrlc::set_handler(|| pipeline::files::abandon(INTERRUPTED));
    let code = match arguments.command {
        Command::Run(run) => pipeline::commands::run(&run.into()),
        Command::Check { pipelines, change } => pipeline::commands::check(&pipelines, &change.settings, change.seed),
        Command::List => pipeline::commands::list(),
        Command::Explain { kind } => pipeline::commands::explain(&kind),
        Command::Plan { pipeline, change, out } => {
            let request = pipeline::load::Request { file: pipeline, settings: change.settings, seed: change.seed };
            pipeline::commands::plan(&request, out.as_deref())
        }
        Command::Schema { print } => pipeline::commands::schema(print),
        Command::Fetch { names, from } => pipeline::commands::fetch(&names, from.as_deref()),
        Command::Review { which, format, out } => pipeline::commands::review(&which, format.into(), out.as_deref()),
        Command::Diff { old, new, html } => pipeline::commands::diff(&old, &new, html.as_deref()),
        Command::Bless { which } => pipeline::commands::bless(&which),
    };
    ExitCode::from(code)
}
