//! The table for people, and the figures for programs.

use std::{fs, io::Write as _, path::Path};

use crate::{failure::Failure, measure::Measured};

/// Writes a line to the standard output.
pub(crate) fn say(line: &str) {
    // Whoever has closed it does not want to read more.
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Prints a table in Markdown for each number of contacts, engine and number of connections.
pub(crate) fn print(measured: &[Measured]) {
    let group = |row: &Measured| (row.engine, row.contacts, row.connections);
    for rows in measured.chunk_by(|one, other| group(one) == group(other)) {
        let first = &rows[0];
        say(&format!(
            "\n{}, {} contacts, {} connections\n\n\
             | | target | requests/s | p50 ms | p99 ms | server CPU ms | database CPU ms | statements | \
             memory MiB (peak) | errors | of the limit |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
            first.engine, first.contacts, first.connections
        ));
        for row in rows {
            let figures = &row.median;
            let limit = rows.iter().find(|limit| limit.is_limit && limit.workload == row.workload);
            let limit_cpu = limit.map_or(f64::NAN, |limit| limit.median.server_cpu_ms);
            let cpu_ratio =
                if row.is_limit { String::new() } else { times(figures.server_cpu_ms / limit_cpu) };
            say(&format!(
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.3}{cpu_ratio} | {} | {} | {:.0} ({:.0}) | {} | {} |",
                row.workload,
                row.target,
                figures.requests_per_second,
                figures.p50_ms,
                figures.p99_ms,
                figures.server_cpu_ms,
                optional(figures.database_cpu_ms, 3),
                optional(figures.statements, 2),
                figures.memory_mib,
                figures.peak_memory_mib,
                figures.errors,
                if row.is_limit { String::new() } else { ratios(row) },
            ));
        }
    }
}

fn ratios(row: &Measured) -> String {
    let ratio = |(limit, ratio): (&String, &f64)| match row.ratios.len() {
        1 => format!("{ratio:.2}"),
        _ => format!("{ratio:.2} ({})", limit.trim_start_matches("limit, ")),
    };
    row.ratios.iter().map(ratio).collect::<Vec<_>>().join(", ")
}

/// Formats a multiple of the processor time of the first limit.
fn times(ratio: f64) -> String {
    format!(" (× {ratio:.1})")
}

fn optional(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.digits$}"))
}

/// Writes all figures to a file, those of each run included.
pub(crate) fn save(path: &Path, measured: &[Measured]) -> Result<(), Failure> {
    Ok(fs::write(path, serde_json::to_vec_pretty(measured)?)?)
}
