//! Parquet: values have types, by the rules of JSON, and a row at fault is named by its number from 1.
//!
//! The Arrow schema that some writers embed is not used: dictionaries, views and large strings are then read as the plain
//! strings that Parquet holds.

use ::csv::ByteRecord;
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use ::parquet::basic::Compression;
use ::parquet::file::metadata::ParquetMetaData;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use bytes::Bytes;
use churn::{Cell, Record};

use super::shape::check_header;
use super::{AtFault, LABEL, Labels, Raw, Stop, Table, id_of, is_blank, is_labelled, parse_row};
use crate::error::JobError;
use crate::rejected::Place;

pub(super) fn read(bytes: Vec<u8>, labels: Labels, at_fault: &mut AtFault<'_>) -> Result<Table, Stop> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(Bytes::from(bytes), options)
        .map_err(|error| error.to_string())?;
    let (places, names) = flat_columns(builder.metadata());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    check_header(&names, labels)?;
    check_compression(builder.metadata())?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let batches = builder.with_projection(mask).build().map_err(|error| error.to_string())?;
    let mut table = Table::new(ByteRecord::from(names.clone()), is_labelled(&names, labels));
    let mut blanks = vec![0; names.len()];
    for batch in batches {
        let batch = batch.map_err(|error| error.to_string())?;
        add(&mut table, &mut blanks, &batch, &names, at_fault)?;
    }
    table.blanks = names.into_iter().map(str::to_owned).zip(blanks).collect();
    Ok(table)
}

/// Places and names of the columns that hold one value a row: a record holds no lists and no structures.
fn flat_columns(metadata: &ParquetMetaData) -> (Vec<usize>, Vec<String>) {
    let columns = metadata.file_metadata().schema().get_fields().iter().enumerate();
    columns
        .filter(|(_, column)| column.is_primitive())
        .map(|(place, column)| (place, column.name().to_owned()))
        .unzip()
}

/// Refuses what this program cannot unpack, before the reader does in its own words.
fn check_compression(metadata: &ParquetMetaData) -> Result<(), String> {
    let readable = |found| {
        matches!(
            found,
            Compression::UNCOMPRESSED
                | Compression::SNAPPY
                | Compression::GZIP(_)
                | Compression::LZ4
                | Compression::LZ4_RAW
        )
    };
    let mut columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    match columns.find(|column| !readable(column.compression())) {
        Some(column) => {
            let found = column.compression().to_string();
            let name = found.split('(').next().unwrap_or_default();
            Err(format!(
                "column {} is compressed with {name}, which is not read here; write the file with snappy, gzip, lz4 or none",
                column.column_path()
            ))
        }
        None => Ok(()),
    }
}

fn add(
    table: &mut Table,
    blanks: &mut [u64],
    batch: &RecordBatch,
    names: &[&str],
    at_fault: &mut AtFault<'_>,
) -> Result<(), JobError> {
    for row in 0..batch.num_rows() {
        let mut record = Record::default();
        let mut label = Cell::Absent;
        for ((name, column), blank) in names.iter().zip(batch.columns()).zip(&mut *blanks) {
            let cell = cell(column, row);
            *blank += u64::from(is_blank(&cell));
            if *name == LABEL {
                label = cell;
            } else {
                record.insert(name, cell);
            }
        }
        let number = table.rows.len() as u64 + table.rejected.rows + 1;
        let parsed = parse_row(&record, table.labelled.then_some(&label));
        let raw = || {
            let cells: Vec<String> = batch.columns().iter().map(|column| text(column, row)).collect();
            Raw { cells: cells.into(), id: id_of(record.customer_id()) }
        };
        table.push(parsed, Place::Row(number), raw, at_fault)?;
    }
    Ok(())
}

/// The value of a column at `row`.
fn cell(column: &dyn Array, row: usize) -> Cell<'_> {
    if column.is_null(row) {
        return Cell::Null;
    }
    match column.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Other("boolean"),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row).into()),
        // Text of writers that do not say so.
        DataType::Binary => match std::str::from_utf8(column.as_binary::<i32>().value(row)) {
            Ok(text) => Cell::Text(text.into()),
            Err(_) => Cell::Other("bytes"),
        },
        _ => number(column, row).map_or(Cell::Other("another type"), Cell::Number),
    }
}

/// The number at `row`; none where the column holds no numbers.
fn number(column: &dyn Array, row: usize) -> Option<f64> {
    Some(match column.data_type() {
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row) as f64,
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row) as f64,
        DataType::Float16 => column.as_primitive::<Float16Type>().value(row).into(),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row),
        DataType::Decimal128(..) => {
            column.as_primitive::<Decimal128Type>().value_as_string(row).parse().ok()?
        }
        _ => return None,
    })
}

/// The value at `row` as a CSV file holds it; empty where it has no text.
fn text(column: &dyn Array, row: usize) -> String {
    match (column.data_type(), cell(column, row)) {
        (DataType::Boolean, Cell::Other(_)) => column.as_boolean().value(row).to_string(),
        // Its own shortest form, not that of the f64 of the same value.
        (DataType::Float32, Cell::Number(_)) => column.as_primitive::<Float32Type>().value(row).to_string(),
        (_, Cell::Number(number)) => number.to_string(),
        (_, Cell::Text(text) | Cell::Untyped(text)) => text.into_owned(),
        (_, Cell::Absent | Cell::Null | Cell::Other(_)) => String::new(),
    }
}
