//! Tables: which hold data and which only place things, and the grid of those that hold data.

use html2text::Handle;

use super::dom;

/// The most columns that a cell takes.
const COLUMNS: usize = 100;

/// The most rows that a cell takes.
const ROWS: usize = 1_000;

/// The most cells that a grid has, and the most columns; a larger one is shown without it.
const CELLS: usize = 30_000;

/// A table as it is shown.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// What is said above it.
    pub(super) captions: Vec<Handle>,
    /// Its rows: those of its head, of its bodies and of its foot.
    pub(super) rows: Vec<Handle>,
}

/// A cell of a grid: the number of its columns, and its content. It has no content if a cell above
/// reaches down to it.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) columns: usize,
    pub(super) node: Option<Handle>,
}

impl Table {
    pub(super) fn of(table: &Handle) -> Self {
        let mut all = Self::default();
        let (mut heads, mut feet) = (Vec::new(), Vec::new());
        for child in dom::children(table) {
            let rows = || dom::children(&child).into_iter().filter(|it| dom::name(it) == "tr");
            match dom::name(&child) {
                "caption" => all.captions.push(child),
                "thead" => heads.extend(rows()),
                "tbody" => all.rows.extend(rows()),
                "tfoot" => feet.extend(rows()),
                "tr" => all.rows.push(child),
                _ => {}
            }
        }
        heads.append(&mut all.rows);
        heads.append(&mut feet);
        all.rows = heads;
        all
    }

    /// Whether the table only places things, as newsletters do: it says so, has one column, or has
    /// tables within.
    pub(super) fn only_places(&self, table: &Handle) -> bool {
        matches!(&*dom::attribute(table, "role"), "presentation" | "none")
            || self.rows.iter().all(|row| cells(row).len() <= 1)
            || self.rows.iter().flat_map(cells).any(|cell| dom::holds(&cell, "table"))
    }

    /// The cells of each row in their columns; `None` where there are too many.
    pub(super) fn grid(&self) -> Option<Vec<Vec<Cell>>> {
        // For each column how many more rows a cell above takes.
        let mut taken: Vec<usize> = Vec::new();
        let mut count = 0;
        let mut grid = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut line = Vec::new();
            let mut column = 0;
            for cell in cells(row) {
                reach_down(&mut taken, &mut column, &mut line);
                let columns = number(&cell, "colspan", COLUMNS);
                let rows = number(&cell, "rowspan", ROWS);
                if column + columns > CELLS {
                    return None;
                }
                if taken.len() < column + columns {
                    taken.resize(column + columns, 0);
                }
                taken[column..column + columns].fill(rows - 1);
                column += columns;
                line.push(Cell { columns, node: Some(cell) });
            }
            // After the row's last cell, cells from above may still reach down. The gaps before
            // them get empty cells.
            while let Some(gap) =
                taken.get(column..).and_then(|it| it.iter().position(|it| *it > 0))
            {
                if gap > 0 {
                    line.push(Cell { columns: gap, node: None });
                    column += gap;
                }
                reach_down(&mut taken, &mut column, &mut line);
            }
            count += line.len();
            if count > CELLS {
                return None;
            }
            grid.push(line);
        }
        Some(grid)
    }
}

/// Puts an empty cell where cells from above reach down.
fn reach_down(taken: &mut [usize], column: &mut usize, line: &mut Vec<Cell>) {
    while let Some(rows @ 1..) = taken.get_mut(*column) {
        *rows -= 1;
        line.push(Cell { columns: 1, node: None });
        *column += 1;
    }
}

/// The cells of a row.
pub(super) fn cells(row: &Handle) -> Vec<Handle> {
    dom::children(row).into_iter().filter(|it| matches!(dom::name(it), "td" | "th")).collect()
}

fn number(cell: &Handle, name: &str, most: usize) -> usize {
    match dom::attribute(cell, name).trim().parse() {
        // Zero means: to the end of the table.
        Ok(0) if name == "rowspan" => most,
        Ok(number) => usize::clamp(number, 1, most),
        Err(_) => 1,
    }
}
