//! The design matrix of a linear model: an intercept, standardised numbers, one-hot codes.

use nalgebra::DMatrix;
use ndarray::ArrayView2;

/// What each feature becomes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Design(Vec<Columns>);

#[derive(Clone, Debug, PartialEq)]
enum Columns {
    /// One column: the distance to the mean in standard deviations, 0 for a constant.
    Number { mean: f64, deviation: f64 },
    /// One column a code.
    Codes(usize),
}

impl Design {
    /// The design for features as they lie in `x`; `categories` has the number of codes of each, 0 for a number.
    pub(crate) fn of(x: ArrayView2<'_, f32>, categories: &[usize]) -> Self {
        let columns = categories.iter().zip(x.columns()).map(|(&codes, values)| match codes {
            0 => {
                let rows = values.len() as f64;
                let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / rows;
                let squares: f64 =
                    values.iter().map(|&v| (f64::from(v) - mean) * (f64::from(v) - mean)).sum();
                Columns::Number { mean, deviation: (squares / rows).sqrt() }
            }
            codes => Columns::Codes(codes),
        });
        Self(columns.collect())
    }

    /// Rows x (1 + columns).
    pub(crate) fn rows(&self, x: ArrayView2<'_, f32>) -> DMatrix<f64> {
        let columns = 1 + self.0.iter().map(Columns::count).sum::<usize>();
        let mut rows = DMatrix::zeros(x.nrows(), columns);
        for (row, values) in x.rows().into_iter().enumerate() {
            rows[(row, 0)] = 1.0;
            let mut at = 1;
            for (feature, &value) in self.0.iter().zip(values) {
                match *feature {
                    Columns::Number { mean, deviation } if 0.0 < deviation => {
                        rows[(row, at)] = (f64::from(value) - mean) / deviation;
                    }
                    Columns::Number { .. } => {}
                    Columns::Codes(codes) => {
                        if let Some(code) = (0..codes).find(|&code| code as f32 == value) {
                            rows[(row, at + code)] = 1.0;
                        }
                    }
                }
                at += feature.count();
            }
        }
        rows
    }
}

impl Columns {
    fn count(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Codes(codes) => *codes,
        }
    }
}
