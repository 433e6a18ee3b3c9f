//! Frames gathered into few columns, such as those of a picture.

/// The means of rows of numbers, of which so many come and fall into so many columns of equal length. Memory is that of the
/// columns, however many rows come.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    frames: usize,
    columns: usize,
    width: usize,
    next: usize,
    sums: Vec<f64>,   // [columns, width]
    counts: Vec<u32>, // [columns]
}

impl Gathered {
    /// Nothing yet of so many rows of so many numbers; no more columns than rows.
    pub fn new(frames: usize, columns: usize, width: usize) -> Self {
        let columns = columns.min(frames);
        Self { frames, columns, width, next: 0, sums: vec![0.0; columns * width], counts: vec![0; columns] }
    }

    /// The column of a row.
    pub fn column(&self, frame: usize) -> usize {
        let column = frame as u64 * self.columns as u64 / self.frames.max(1) as u64;
        (column as usize).min(self.columns.saturating_sub(1))
    }

    /// Takes the next row. More rows than were announced are of the last column.
    pub fn push(&mut self, row: &[f32]) {
        let column = self.column(self.next);
        self.next += 1;
        if let Some(count) = self.counts.get_mut(column) {
            *count += 1;
            let sums = &mut self.sums[column * self.width..][..self.width];
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The mean of each column; 0 where no row came.
    ///
    /// # Shapes
    /// `[columns, width]`
    pub fn means(&self) -> Vec<f64> {
        let columns = self.sums.chunks_exact(self.width.max(1)).zip(&self.counts);
        columns.flat_map(|(sums, count)| sums.iter().map(|sum| sum / f64::from((*count).max(1)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_column_and_columns_are_even() {
        for frames in [1, 2, 7, 959, 960, 961, 155_040] {
            let mut gathered = Gathered::new(frames, 960, 1);
            (0..frames).for_each(|frame| gathered.push(&[frame as f32]));
            let (least, most) =
                (gathered.counts.iter().min().unwrap(), gathered.counts.iter().max().unwrap());
            assert_eq!(gathered.counts.iter().sum::<u32>() as usize, frames);
            assert!(most - least <= 1 && *least > 0, "{frames}: {least} to {most}");
            let means = gathered.means();
            assert_eq!(means.len(), frames.min(960));
            assert!(means.is_sorted());
        }
        let mut late = Gathered::new(2, 960, 1);
        for value in [1.0, 2.0, 4.0] {
            late.push(&[value]);
        }
        assert_eq!(late.means(), [1.0, 3.0]);
    }
}
