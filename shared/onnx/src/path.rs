//! The path: from the probability output back to the trees, and from the trees back to the input.

use std::collections::HashMap;

use crate::OnnxError;
use crate::error::shown;
use crate::proto::{
    AttributeProto, DimensionProto, GraphProto, ML, NodeProto, TensorProto, ValueInfoProto, decoded,
    element_type,
};

/// Nodes, initializers, inputs and outputs of a graph, each; the largest that a writer is known to make has some tens.
const MAX_PARTS: usize = 1_000;
/// Attributes of a node; the trees have at most 25.
const MAX_ATTRIBUTES: usize = 100;

/// Where the path ends: the trees, and what happens to their scores on the way to the output.
pub(crate) struct Path {
    /// The operator that holds the trees.
    pub(crate) trees: NodeProto,
    /// Its attributes.
    pub(crate) attributes: Vec<AttributeProto>,
    /// A logistic was taken after the trees.
    pub(crate) sigmoid: bool,
    /// Column 1 was chosen.
    pub(crate) column: Option<String>,
    /// The columns became one, by this value.
    pub(crate) reshape: Option<String>,
}

/// Follows the probability output of `graph`, whose input has `features` columns.
pub(crate) fn follow(graph: &GraphProto, features: usize) -> Result<Path, OnnxError> {
    let nodes: Vec<NodeProto> = decoded(&graph.node, "nodes", MAX_PARTS)?;
    let initializers: Vec<TensorProto> = decoded(&graph.initializer, "initializers", MAX_PARTS)?;
    let outputs: Vec<ValueInfoProto> = decoded(&graph.output, "outputs", MAX_PARTS)?;
    let mut values = Values { made_by: HashMap::new(), constants: HashMap::new() };
    for tensor in &initializers {
        values.constants.insert(&tensor.name, Constant::Tensor(tensor));
    }
    for node in &nodes {
        if (node.domain(), node.op_type.as_str()) == ("", "Constant") {
            let name = node.output.first().map_or("", String::as_str);
            values.constants.insert(name, Constant::Node(node));
        }
        for (place, output) in node.output.iter().enumerate().filter(|(_, output)| !output.is_empty()) {
            if values.made_by.insert(output, (node, place)).is_some() {
                return Err(OnnxError::Graph { value: shown(output), found: "is made twice" });
            }
        }
    }
    let path = values.back_to_trees(probability(&outputs)?, nodes.len())?;
    let value = path.trees.input.first().map_or("", String::as_str);
    let input = values.back_to_input(value, nodes.len())?;
    check_input(graph, &values, input, features)?;
    Ok(path)
}

/// The one output that is not declared as a label.
fn probability(outputs: &[ValueInfoProto]) -> Result<&str, OnnxError> {
    let labels = [element_type::INT32, element_type::INT64, element_type::STRING, element_type::BOOL];
    let tensor = |output: &ValueInfoProto| output.r#type.as_ref()?.tensor_type.as_ref().map(|t| t.elem_type);
    let is_label = |output: &&ValueInfoProto| tensor(output).is_some_and(|found| labels.contains(&found));
    let names: Vec<&str> =
        outputs.iter().filter(|output| !is_label(output)).map(|output| output.name.as_str()).collect();
    match names[..] {
        [name] => Ok(name),
        [] => Err(OnnxError::Outputs { found: "none".into() }),
        _ => Err(OnnxError::Outputs { found: listed(&names) }),
    }
}

/// The first few names.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let more = if SHOWN < names.len() { ", ..." } else { "" };
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| shown(name)).collect();
    shown.join(", ") + more
}

/// Checks that `value` is the graph's only input, of the right type and width.
fn check_input(
    graph: &GraphProto,
    values: &Values<'_>,
    value: &str,
    features: usize,
) -> Result<(), OnnxError> {
    let inputs: Vec<ValueInfoProto> = decoded(&graph.input, "inputs", MAX_PARTS)?;
    let inputs: Vec<&ValueInfoProto> =
        inputs.iter().filter(|input| !values.constants.contains_key(input.name.as_str())).collect();
    let failed = |found: String, advice| Err(OnnxError::Input { found, features, advice });
    let [input] = inputs[..] else {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        let found = format!("{} tensors ({})", names.len(), listed(&names));
        return failed(found, "convert the trees alone, fitted on the coded features in one matrix");
    };
    if input.name != value {
        return Err(OnnxError::Graph { value: shown(value), found: "is no input and made by no operator" });
    }
    let tensor = input.r#type.as_ref().and_then(|found| found.tensor_type.as_ref());
    let Some(tensor) = tensor else {
        return failed("no tensor".into(), "convert with a float input");
    };
    if ![element_type::FLOAT, element_type::DOUBLE].contains(&tensor.elem_type) {
        return failed(format!("of element type {}", tensor.elem_type), "convert with a float input");
    }
    let dims = tensor.shape.as_ref().map_or(&[][..], |shape| &shape.dim);
    let dims: Vec<DimensionProto> = decoded(dims, "dimensions of the input", 8)?;
    let width = dims.last().and_then(|dim| dim.dim_value);
    if dims.len() != 2 || width.is_none() {
        return failed("of unknown width".into(), "declare its shape when converting");
    }
    if width != i64::try_from(features).ok() {
        let found = format!("{} features wide", width.unwrap_or_default());
        return failed(found, "train on the features of this program, coded as it codes them");
    }
    Ok(())
}

impl NodeProto {
    /// The domain; the empty one has a second name.
    pub(crate) fn domain(&self) -> &str {
        if self.domain == "ai.onnx" { "" } else { &self.domain }
    }

    fn attributes(&self) -> Result<Vec<AttributeProto>, OnnxError> {
        decoded(&self.attribute, "attributes of a node", MAX_ATTRIBUTES)
    }

    /// The integer of attribute `name`, or `default` where the node does not say.
    fn integer(&self, name: &str, default: i64) -> Result<i64, OnnxError> {
        let attributes = self.attributes()?;
        Ok(attributes.iter().find(|attribute| attribute.name == name).map_or(default, |found| found.i))
    }

    fn input(&self, place: usize) -> &str {
        self.input.get(place).map_or("", String::as_str)
    }
}

/// A value that is known before the run.
enum Constant<'g> {
    Tensor(&'g TensorProto),
    Node(&'g NodeProto),
}

/// Every value of the graph by its name.
struct Values<'g> {
    /// The operator, and which of its outputs.
    made_by: HashMap<&'g str, (&'g NodeProto, usize)>,
    constants: HashMap<&'g str, Constant<'g>>,
}

impl<'g> Values<'g> {
    /// From the output `value` to the trees, in at most `most` steps.
    fn back_to_trees(&self, value: &'g str, most: usize) -> Result<Path, OnnxError> {
        let mut value = value;
        let mut path = Path {
            trees: NodeProto::default(),
            attributes: vec![],
            sigmoid: false,
            column: None,
            reshape: None,
        };
        for _ in 0..most {
            let (node, place) = self.maker(value)?;
            let before = match (node.domain(), node.op_type.as_str()) {
                ("", "Identity") => node.input(0),
                ("", "Cast") => cast(node, value)?,
                ("", "Mul") => self.times_one(node, value)?,
                ("", "Gather") => self.column_one(node, value, &mut path)?,
                ("", "Reshape") => self.one_column(node, value, &mut path)?,
                ("", "Sigmoid") => sigmoid(node, value, &mut path)?,
                (ML, "ZipMap") => zip_map(node)?,
                (ML, "TreeEnsembleClassifier" | "TreeEnsembleRegressor" | "TreeEnsemble") => {
                    return path.ends_at(node, place, value);
                }
                _ => {
                    return Err(unread(
                        node,
                        value,
                        "only Identity, Cast, Mul by 1, Gather of column 1, Reshape to one column, Sigmoid, ZipMap \
                         and tree ensembles are read; convert the trees alone",
                    ));
                }
            };
            value = before;
        }
        Err(OnnxError::Graph { value: shown(value), found: "is made from itself" })
    }

    /// From what the trees read to the input of the graph.
    fn back_to_input(&self, value: &'g str, most: usize) -> Result<&'g str, OnnxError> {
        let mut value = value;
        for _ in 0..=most {
            let Some((node, _)) = self.made_by.get(value) else { return Ok(value) };
            value = match (node.domain(), node.op_type.as_str()) {
                ("", "Identity") => node.input(0),
                ("", "Cast") => cast(node, value)?,
                _ => {
                    return Err(unread(
                        node,
                        value,
                        "the features must reach the trees as they are; convert the trees alone, fitted on them",
                    ));
                }
            };
        }
        Err(OnnxError::Graph { value: shown(value), found: "is made from itself" })
    }

    fn maker(&self, value: &str) -> Result<(&'g NodeProto, usize), OnnxError> {
        let missing = || OnnxError::Graph { value: shown(value), found: "is made by no operator" };
        self.made_by.get(value).copied().ok_or_else(missing)
    }

    /// The numbers of the constant `value`, where it is one of at most 8 numbers.
    fn constant(&self, value: &str) -> Result<Option<Vec<f64>>, OnnxError> {
        match self.constants.get(value) {
            Some(Constant::Tensor(tensor)) => small(tensor, value),
            Some(Constant::Node(node)) => {
                let attributes = node.attributes()?;
                let tensor = attributes.iter().find(|a| a.name == "value").and_then(|a| a.t.as_ref());
                tensor.map_or(Ok(None), |tensor| small(tensor, value))
            }
            None => Ok(None),
        }
    }

    fn times_one(&self, node: &'g NodeProto, value: &str) -> Result<&'g str, OnnxError> {
        for (factor, other) in [(0, 1), (1, 0)] {
            if let Some(found) = self.constant(node.input(factor))? {
                return if found == [1.0] {
                    Ok(node.input(other))
                } else {
                    misused("Mul", value, format!("multiplies by {found:?}"), "a factor of 1")
                };
            }
        }
        misused("Mul", value, "multiplies two values".into(), "a constant factor of 1")
    }

    fn column_one(&self, node: &'g NodeProto, value: &str, path: &mut Path) -> Result<&'g str, OnnxError> {
        const EXPECTED: &str = "column 1, the probability of churn, once";
        let axis = node.integer("axis", 0)?;
        let index = self.constant(node.input(1))?;
        if ![1, -1].contains(&axis) || index.as_deref() != Some(&[1.0]) {
            let found = index.map_or("what is computed".into(), |index| format!("{index:?}"));
            return misused("Gather", value, format!("takes {found} of axis {axis}"), EXPECTED);
        }
        if path.column.replace(value.to_owned()).is_some() {
            return misused("Gather", value, "is the second of its kind".into(), EXPECTED);
        }
        Ok(node.input(0))
    }

    fn one_column(&self, node: &'g NodeProto, value: &str, path: &mut Path) -> Result<&'g str, OnnxError> {
        match self.constant(node.input(1))?.as_deref() {
            // Before a column is chosen, going back: its own input must be one column, which `ends_at` checks.
            Some([-1.0] | [-1.0, 1.0]) => path.reshape = Some(value.to_owned()),
            found => {
                return misused("Reshape", value, format!("makes the shape {found:?}"), "[-1] or [-1, 1]");
            }
        }
        Ok(node.input(0))
    }
}

impl Path {
    fn ends_at(mut self, node: &NodeProto, place: usize, value: &str) -> Result<Self, OnnxError> {
        let scores = if node.op_type == "TreeEnsembleClassifier" { 1 } else { 0 };
        if place != scores {
            let found = format!("output {place} of the trees, a label");
            return misused("TreeEnsembleClassifier", value, found, "a path to the probabilities");
        }
        self.attributes = node.attributes()?;
        self.trees = node.clone();
        Ok(self)
    }

    /// Checks that exactly one of the `columns` that the trees make reaches the output as the probability of churn.
    pub(crate) fn check_columns(&self, columns: usize) -> Result<(), OnnxError> {
        match (columns, &self.column, &self.reshape) {
            (1, Some(value), _) => {
                misused("Gather", value, "takes column 1 of one column".into(), "two columns before it")
            }
            (2, None, Some(value)) => {
                misused("Reshape", value, "puts two columns into one".into(), "Gather of column 1 before it")
            }
            _ => Ok(()),
        }
    }
}

fn cast<'g>(node: &'g NodeProto, value: &str) -> Result<&'g str, OnnxError> {
    let to = node.integer("to", 0)?;
    let floats = [element_type::FLOAT, element_type::DOUBLE].map(i64::from);
    if floats.contains(&to) {
        Ok(node.input(0))
    } else {
        misused("Cast", value, format!("casts to element type {to}"), "float or double")
    }
}

fn sigmoid<'g>(node: &'g NodeProto, value: &str, path: &mut Path) -> Result<&'g str, OnnxError> {
    if std::mem::replace(&mut path.sigmoid, true) {
        return misused("Sigmoid", value, "is the second of its kind".into(), "one logistic");
    }
    Ok(node.input(0))
}

fn zip_map(node: &NodeProto) -> Result<&str, OnnxError> {
    check_classes(&node.attributes()?)?;
    Ok(node.input(0))
}

/// Checks that the classes are the two that are known, in the order in which churn is the second.
pub(crate) fn check_classes(attributes: &[AttributeProto]) -> Result<(), OnnxError> {
    let find = |name: &str| attributes.iter().find(|attribute| attribute.name == name);
    let ints = find("classlabels_int64s").map_or(&[][..], |found| &found.ints);
    let strings = find("classlabels_strings").map_or(&[][..], |found| &found.strings);
    let texts: Vec<_> = strings.iter().take(5).map(|text| String::from_utf8_lossy(text)).collect();
    let count = ints.len() + strings.len();
    if count != 2 {
        return Err(OnnxError::Classes { found: format!("{count} in number") });
    }
    let known = match (ints, &texts[..]) {
        ([0, 1], []) => true,
        ([], [no, yes]) => [("No", "Yes"), ("0", "1"), ("False", "True")].contains(&(no, yes)),
        _ => false,
    };
    if known {
        return Ok(());
    }
    let found = if texts.is_empty() { format!("{ints:?}") } else { format!("{texts:?}") };
    Err(OnnxError::Classes { found })
}

/// The numbers of a tensor of at most 8.
fn small(tensor: &TensorProto, value: &str) -> Result<Option<Vec<f64>>, OnnxError> {
    let numbers = numbers(tensor, value)?;
    Ok(numbers.filter(|numbers| numbers.len() <= 8))
}

/// The numbers of a tensor of floats, doubles or 64-bit integers, or `None` for another.
pub(crate) fn numbers(tensor: &TensorProto, value: &str) -> Result<Option<Vec<f64>>, OnnxError> {
    if tensor.data_location != 0 || !tensor.external_data.is_empty() {
        return Err(OnnxError::ExternalData { value: shown(value) });
    }
    let raw = &tensor.raw_data[..];
    Ok(match tensor.data_type {
        element_type::FLOAT if raw.is_empty() => {
            Some(tensor.float_data.iter().map(|&number| number.into()).collect())
        }
        element_type::FLOAT => Some(raw_numbers(raw, |bytes| f32::from_le_bytes(bytes).into())),
        element_type::DOUBLE if raw.is_empty() => Some(tensor.double_data.clone()),
        element_type::DOUBLE => Some(raw_numbers(raw, f64::from_le_bytes)),
        element_type::INT64 if raw.is_empty() => {
            Some(tensor.int64_data.iter().map(|&number| number as f64).collect())
        }
        element_type::INT64 => Some(raw_numbers(raw, |bytes| i64::from_le_bytes(bytes) as f64)),
        _ => None,
    })
}

fn raw_numbers<const N: usize>(raw: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    raw.as_chunks::<N>().0.iter().map(|&bytes| number(bytes)).collect()
}

fn unread(node: &NodeProto, value: &str, expected: &'static str) -> OnnxError {
    let domain = node.domain();
    let separator = if domain.is_empty() { "" } else { "." };
    OnnxError::Operator {
        operator: shown(&format!("{domain}{separator}{}", node.op_type)),
        value: shown(value),
        expected,
    }
}

fn misused<T>(
    operator: &'static str,
    value: &str,
    found: String,
    expected: &'static str,
) -> Result<T, OnnxError> {
    Err(OnnxError::Use { operator, value: shown(value), found, expected })
}
