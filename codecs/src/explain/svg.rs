//! Drawings as SVG.

use super::text::width;
use super::{Drawing, Field, Row};

const CHAR: usize = 9;
const LINE: usize = 22;
const ROW: usize = 3 * LINE;
const COLOURS: [&str; 6] = ["#dbeafe", "#dcfce7", "#fef9c3", "#fee2e2", "#ede9fe", "#e5e7eb"];

pub(super) fn image(drawings: &[Drawing]) -> String {
    let margin =
        drawings.iter().flat_map(|drawing| &drawing.rows).map(|row| width(&row.stage)).max().unwrap_or_default();
    let left = (margin + 2) * CHAR;
    let mut body = String::new();
    let mut top = LINE;
    let mut right = left;
    for drawing in drawings {
        if !drawing.when.is_empty() {
            text(&mut body, CHAR, top, "bold", &drawing.when);
            right = right.max(CHAR * (width(&drawing.when) + 2));
            top += LINE;
        }
        for row in &drawing.rows {
            right = right.max(draw(&mut body, row, left, top));
            top += ROW;
        }
        if let Some(note) = &drawing.note {
            text(&mut body, left, top, "normal", note);
            right = right.max(left + CHAR * (width(note) + 1));
            top += LINE;
        }
        top += LINE / 2;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{top}\" viewBox=\"0 0 {0} {top}\" \
         font-family=\"monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n",
        right + CHAR
    )
}

/// Draws one row and says where it ends at the right.
fn draw(body: &mut String, row: &Row, left: usize, top: usize) -> usize {
    text(body, CHAR, top + LINE / 2, "normal", &row.stage);
    let mut x = left;
    for (field, colour) in row.fields.iter().zip(COLOURS.iter().cycle()) {
        let cell = CHAR * (width(&field.shown()).max(width(&field.name)) + 2);
        body.push_str(&format!(
            "<rect x=\"{x}\" y=\"{}\" width=\"{cell}\" height=\"{}\" fill=\"{colour}\" stroke=\"#374151\"/>\n",
            top.saturating_sub(LINE / 2),
            2 * LINE
        ));
        cell_text(body, x, top, field);
        x += cell;
    }
    x
}

fn cell_text(body: &mut String, x: usize, top: usize, field: &Field) {
    text(body, x + CHAR, top + LINE / 4, "normal", &field.shown());
    text(body, x + CHAR, top + LINE + LINE / 4, "bold", &field.name);
}

fn text(body: &mut String, x: usize, y: usize, weight: &str, text: &str) {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    body.push_str(&format!(
        "<text x=\"{x}\" y=\"{y}\" font-weight=\"{weight}\" xml:space=\"preserve\">{escaped}</text>\n"
    ));
}
