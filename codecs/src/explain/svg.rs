//! Drawings as SVG.

use super::text::width;
use super::{Drawing, Row};

/// What a column and a line take, in pixels, of a fixed-width font of 13 pixels.
const CHAR: usize = 8;
const LINE: usize = 18;
const PAD: usize = 8;
/// The columns that a row takes at most, beside its stage.
const MOST: usize = 104;

pub(super) fn image(drawings: &[Drawing]) -> String {
    let mut canvas = Canvas::default();
    let drawn = drawings.iter().flat_map(|drawing| &drawing.rows).filter(|row| !row.fields.is_empty());
    let margin = PAD + CHAR * (drawn.map(|row| width(&row.stage)).max().unwrap_or_default() + 1);
    let mut top = PAD;
    for drawing in drawings {
        for line in sentence(&drawing.rule) {
            canvas.text(PAD, top, "rule", &line);
            top += LINE;
        }
        top += PAD;
        for row in &drawing.rows {
            top = canvas.row(row, margin, top);
        }
        top += PAD;
    }
    canvas.finish(top)
}

/// What a field is for can be seen: what is carried is green, what says how long it is blue, what proves it is violet, and
/// what stands around it yellow.
fn colour(name: &str) -> &'static str {
    match name.split([' ', ':']).next() {
        Some("payload" | "escaped" | "body" | "item") => "#dcfce7",
        Some("length" | "count") => "#dbeafe",
        Some("check" | "padding" | "constant") => "#ede9fe",
        Some(text) if text.starts_with('"') => "#f1f5f9",
        _ => "#fef3c7",
    }
}

/// A sentence in lines that are about as wide as a row.
fn sentence(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + width(word) < MOST => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What is drawn so far, and how far to the right it goes.
#[derive(Default)]
struct Canvas {
    body: String,
    right: usize,
}

impl Canvas {
    /// Draws a row at `top`, and says where the next one begins.
    fn row(&mut self, row: &Row, margin: usize, mut top: usize) -> usize {
        self.text(PAD, top + PAD / 2, "stage", &row.stage);
        if row.fields.is_empty() {
            return top + LINE + PAD;
        }
        for cells in row.wrapped(MOST) {
            let lines = cells.iter().map(|(_, cell)| cell.len()).max().unwrap_or_default();
            let height = LINE * lines + PAD;
            let mut x = margin;
            for (columns, cell) in &cells {
                let colour = colour(cell.last().map_or("", String::as_str));
                let wide = CHAR * columns + 2 * PAD;
                self.body.push_str(&format!(
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{wide}\" height=\"{height}\" fill=\"{colour}\" \
                     stroke=\"#64748b\"/>\n"
                ));
                for (n, line) in cell.iter().enumerate() {
                    let class = match (n, lines - 1 - n) {
                        (0, _) => "hex",
                        (_, 0) => "name",
                        _ => "ascii",
                    };
                    self.text(x + PAD, top + PAD / 2 + n * LINE, class, line);
                }
                x += wide;
            }
            self.right = self.right.max(x);
            top += height + PAD;
        }
        top
    }

    /// Writes a line of text whose upper left corner is there.
    fn text(&mut self, x: usize, y: usize, class: &str, text: &str) {
        self.right = self.right.max(x + CHAR * width(text));
        if text.is_empty() {
            return;
        }
        // Blanks that stand under digits must not run together.
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(' ', "\u{a0}");
        let baseline = y + LINE - 5;
        self.body.push_str(&format!("<text x=\"{x}\" y=\"{baseline}\" class=\"{class}\">{escaped}</text>\n"));
    }

    fn finish(self, height: usize) -> String {
        let (width, body) = (self.right + PAD, self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n\
             <style>text {{ font: 13px \"DejaVu Sans Mono\", Menlo, Consolas, monospace; fill: #0f172a }} \
             .ascii {{ fill: #475569 }} .name {{ font-weight: bold }} .stage, .rule {{ fill: #334155 }}</style>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n"
        )
    }
}
