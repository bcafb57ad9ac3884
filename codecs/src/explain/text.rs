//! Drawings for a terminal.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::{Drawing, Row};

/// The columns that a row takes at most, beside its stage.
const MOST: usize = 104;

pub(super) fn write(drawings: &[Drawing], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (n, drawing) in drawings.iter().enumerate() {
        if n > 0 {
            writeln!(f)?;
        }
        writeln!(f, "{}", drawing.rule)?;
        let drawn = drawing.rows.iter().filter(|row| !row.fields.is_empty());
        let margin = drawn.map(|row| width(&row.stage)).max().unwrap_or_default();
        drawing.rows.iter().try_for_each(|row| write_row(row, margin, f))?;
    }
    Ok(())
}

fn write_row(row: &Row, margin: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if row.fields.is_empty() {
        return writeln!(f, "{}", row.stage);
    }
    let mut stage = row.stage.as_str();
    for cells in row.wrapped(MOST) {
        let border = |left: &str, between: &str, right: &str| {
            let lines: Vec<String> = cells.iter().map(|(width, _)| "─".repeat(width + 2)).collect();
            format!("{left}{}{right}", lines.join(between))
        };
        writeln!(f, "{:margin$} {}", "", border("┌", "┬", "┐"))?;
        let height = cells.iter().map(|(_, cell)| cell.len()).max().unwrap_or_default();
        for n in 0..height {
            let texts = cells.iter().map(|(width, cell)| {
                let text = cell.get(n).map_or("", String::as_str);
                format!(" {text}{} ", " ".repeat(width.saturating_sub(self::width(text))))
            });
            let line = texts.collect::<Vec<_>>().join("│");
            writeln!(f, "{stage}{} │{line}│", " ".repeat(margin.saturating_sub(width(stage))))?;
            stage = "";
        }
        writeln!(f, "{:margin$} {}", "", border("└", "┴", "┘"))?;
    }
    Ok(())
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}
