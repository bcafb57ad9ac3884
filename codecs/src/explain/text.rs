//! Drawings for a terminal.

use std::fmt;

use super::{Drawing, Row};

pub(super) fn write(drawings: &[Drawing], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (n, drawing) in drawings.iter().enumerate() {
        if n > 0 {
            writeln!(f)?;
        }
        if !drawing.when.is_empty() {
            writeln!(f, "{}", drawing.when)?;
        }
        let margin = drawing.rows.iter().map(|row| width(&row.stage)).max().unwrap_or_default();
        for row in &drawing.rows {
            write_row(row, margin, f)?;
        }
        if let Some(note) = &drawing.note {
            writeln!(f, "{:margin$}  {note}", "")?;
        }
    }
    Ok(())
}

fn write_row(row: &Row, margin: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let cells: Vec<(String, &str)> = row.fields.iter().map(|field| (field.shown(), field.name.as_str())).collect();
    let widths: Vec<usize> = cells.iter().map(|(bytes, name)| width(bytes).max(width(name))).collect();
    let border = |left: &str, between: &str, right: &str| {
        let lines: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        format!("{left}{}{right}", lines.join(between))
    };
    let line = |cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(n, width)| {
                let text = cell(n);
                let pad = width.saturating_sub(self::width(&text));
                format!(" {text}{} ", " ".repeat(pad))
            })
            .collect();
        format!("│{}│", cells.join("│"))
    };
    let stage_pad = " ".repeat(margin.saturating_sub(width(&row.stage)));
    let empty = " ".repeat(margin);
    let bytes = line(&|n| cells.get(n).map(|(bytes, _)| bytes.clone()).unwrap_or_default());
    let names = line(&|n| cells.get(n).map(|(_, name)| (*name).to_owned()).unwrap_or_default());
    writeln!(f, "{empty} {}", border("┌", "┬", "┐"))?;
    writeln!(f, "{}{stage_pad} {bytes}", row.stage)?;
    writeln!(f, "{empty} {names}")?;
    writeln!(f, "{empty} {}", border("└", "┴", "┘"))
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
