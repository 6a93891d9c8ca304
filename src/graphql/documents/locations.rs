//! Lines and columns of a document, for the locations of errors.

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// Bytes between two checkpoints, before each of which UTF-16 units are counted in advance.
const CHECKPOINT_BYTES: usize = 128;

/// Lines and columns of the bytes of a text. Columns count UTF-16 units from 1, as in graphql-js.
#[derive(Debug)]
pub(super) struct SourceLocations {
    text: Box<str>,
    line_starts: Vec<usize>,
    /// UTF-16 units before each checkpoint. Without them, thousands of fields on one long line would take
    /// time that grows with the square of its length.
    checkpoints: Vec<usize>,
}

impl SourceLocations {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut checkpoints = vec![0];
        let mut sum = 0;
        for chunk in bytes.chunks(CHECKPOINT_BYTES) {
            sum += utf_16_units(chunk);
            checkpoints.push(sum);
        }
        Self { text: text.into(), line_starts, checkpoints }
    }

    /// Returns the line and column where a span begins.
    pub(super) fn start_of(&self, span: Option<SourceSpan>) -> Option<Pos> {
        Some(self.at(span?.offset()))
    }

    /// Returns true if a block string begins at a span.
    pub(super) fn is_block_string(&self, span: Option<SourceSpan>) -> bool {
        let text = span.and_then(|span| self.text.get(span.offset()..));
        text.is_some_and(|text| text.starts_with("\"\"\""))
    }

    /// Returns the line and column of a byte.
    pub(super) fn at(&self, offset: usize) -> Pos {
        // The number of lines that begin at or before the offset is the number of its line, counted from 1.
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Pos { line, column: self.units_before(offset).saturating_sub(self.units_before(start)) + 1 }
    }

    fn units_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let checkpoint = offset / CHECKPOINT_BYTES;
        let counted = self.checkpoints.get(checkpoint).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(checkpoint * CHECKPOINT_BYTES..offset);
        counted + utf_16_units(rest.unwrap_or_default())
    }
}

/// Counts the UTF-16 units of the characters that begin within bytes of UTF-8.
fn utf_16_units(bytes: &[u8]) -> usize {
    let units = bytes.iter().map(|byte| match byte {
        // A continuation byte: its character was counted at its first byte, maybe in the chunk before.
        0x80..0xc0 => 0,
        // The first of four bytes: the character is a surrogate pair.
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
        let locations = SourceLocations::new("a\nb\r\nc\rd🙂e");
        let at = |offset| {
            let Pos { line, column } = locations.at(offset);
            (line, column)
        };
        assert_eq!([at(0), at(1), at(2), at(5), at(7)], [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1)]);
        assert_eq!(at(12), (4, 4));
        assert_eq!(at(99), (4, 5));
        let long = SourceLocations::new(&"é🙂\n".repeat(500));
        for line in 0..500 {
            let Pos { line: found, column } = long.at(line * 7 + 6);
            assert_eq!((found, column), (line + 1, 4));
        }
    }
}
