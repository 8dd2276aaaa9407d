//! The command line: arguments in, exit code out.

mod arguments;
mod commands;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use config::diagnostics::visible;

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
    let outcome = match arguments.command {
        Command::Run(run) => commands::run(run),
        Command::Check { pipelines, change } => commands::check(pipelines, &change),
        Command::List => commands::list(),
        Command::Explain { name } => commands::explain(&name),
        Command::Plan { pipeline, change, out, memory } => commands::plan(pipeline, &change, out, memory),
        Command::Schema { print } => commands::schema(print),
        Command::Fetch { names, from } => commands::fetch(&names, from.as_deref()),
        Command::Render(render) => commands::render(render),
        Command::Review { which, format, out } => commands::review(&which, format, out.as_deref()),
        Command::Diff { old, new, html } => commands::diff(&old, &new, html.as_deref()),
        Command::Export(export) => commands::export(export),
        Command::Predict(predict) => commands::predict(predict),
        Command::Bless { which } => commands::bless(&which),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                commands::complain(&format!("error: {}\n", visible(&failure.message)));
            }
            ExitCode::from(failure.code)
        }
    }
}
