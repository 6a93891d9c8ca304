//! Lines and columns of a document.

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// How far apart the places are up to which units are counted beforehand.
const STEP: usize = 128;

/// Where the lines of a text begin. Columns count UTF-16 units from 1, as in graphql-js.
#[derive(Debug)]
pub(super) struct Places {
    text: Box<str>,
    lines: Vec<usize>,
    /// UTF-16 units before each [`STEP`]: thousands of fields may stand in one long line.
    units: Vec<usize>,
}

impl Places {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut units = vec![0];
        let mut sum = 0;
        for step in bytes.chunks(STEP) {
            sum += utf_16_units(step);
            units.push(sum);
        }
        Self { text: text.into(), lines, units }
    }

    /// The line and column where a span begins.
    pub(super) fn of(&self, span: Option<SourceSpan>) -> Option<Pos> {
        Some(self.at(span?.offset()))
    }

    /// Whether a block string begins at a span.
    pub(super) fn is_block_string(&self, span: Option<SourceSpan>) -> bool {
        let text = span.and_then(|span| self.text.get(span.offset()..));
        text.is_some_and(|text| text.starts_with("\"\"\""))
    }

    /// The line and column of a byte.
    pub(super) fn at(&self, offset: usize) -> Pos {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Pos { line, column: self.units_before(offset).saturating_sub(self.units_before(start)) + 1 }
    }

    fn units_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let step = offset / STEP;
        let counted = self.units.get(step).copied().unwrap_or_default();
        counted + utf_16_units(self.text.as_bytes().get(step * STEP..offset).unwrap_or_default())
    }
}

/// UTF-16 units of the characters that begin among the bytes: two for each that has four bytes.
fn utf_16_units(bytes: &[u8]) -> usize {
    let units = bytes.iter().map(|byte| match byte {
        0x80..0xc0 => 0,
        0xf0.. => 2,
        _ => 1,
    });
    units.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_begins_a_line_and_columns_are_utf_16_units() {
        let places = Places::new("a\nb\r\nc\rd🙂e");
        let at = |offset| {
            let Pos { line, column } = places.at(offset);
            (line, column)
        };
        assert_eq!([at(0), at(1), at(2), at(5), at(7)], [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1)]);
        assert_eq!(at(12), (4, 4));
        assert_eq!(at(99), (4, 5));
        let long = Places::new(&"é🙂\n".repeat(500));
        for line in 0..500 {
            let Pos { line: told, column } = long.at(line * 7 + 6);
            assert_eq!((told, column), (line + 1, 4));
        }
    }
}
