//! Filters as tests of the index's columns: a passage that does not fit is never ranked, so the best that fit are found
//! however many others would come before them.

use serde_json::Value;
use syfthub_core::wire::filter::{Comparison, Condition, Filter, Group, Junction, Operand};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, DynamicColumn, DynamicColumnHandle, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use super::schema::FACTS;

/// Whether a passage of one segment is what the filter asks for.
pub(super) type Test = Box<dyn Fn(DocId) -> bool + Send + Sync>;

/// The filter as a test of the passages of `segment`.
pub(super) fn test(filter: &Filter, segment: &SegmentReader) -> Result<Test, TantivyError> {
    match filter {
        Filter::Condition(condition) => of_condition(condition, segment),
        Filter::Group(Group { op, operands }) => {
            let tests = operands
                .iter()
                .map(|operand| test(operand, segment))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(match op {
                Junction::And => Box::new(move |doc| tests.iter().all(|test| test(doc))),
                Junction::Or => Box::new(move |doc| tests.iter().any(|test| test(doc))),
                Junction::Not => Box::new(move |doc| !tests.iter().any(|test| test(doc))),
            })
        }
    }
}

fn of_condition(condition: &Condition, segment: &SegmentReader) -> Result<Test, TantivyError> {
    let columns = columns(&condition.property, segment)?;
    let any = |op, operand: &Operand| any_value(&columns, op, operand);
    Ok(match condition.op {
        Comparison::Ne => {
            let equal = any(Comparison::Eq, &condition.value)?;
            Box::new(move |doc| !equal(doc))
        }
        Comparison::IsNone => {
            let absent = condition.value != Operand::Flag(false);
            Box::new(move |doc| columns.iter().any(|column| has_value(column, doc)) != absent)
        }
        Comparison::ContainsAny | Comparison::ContainsAll => {
            let wanted = condition.value.each();
            let tests: Vec<Test> =
                wanted.iter().map(|one| any(Comparison::Eq, one)).collect::<Result<_, _>>()?;
            if condition.op == Comparison::ContainsAny {
                Box::new(move |doc| tests.iter().any(|test| test(doc)))
            } else {
                Box::new(move |doc| tests.iter().all(|test| test(doc)))
            }
        }
        op => any(op, &condition.value)?,
    })
}

/// The columns of a property: one for each kind of value that it has.
fn columns(property: &str, segment: &SegmentReader) -> Result<Vec<DynamicColumn>, TantivyError> {
    let path = format!("{FACTS}.{}", property.replace('\\', "\\\\").replace('.', "\\."));
    let handles = segment.fast_fields().dynamic_column_handles(&path)?;
    Ok(handles.iter().map(DynamicColumnHandle::open).collect::<Result<_, _>>()?)
}

fn has_value(column: &DynamicColumn, doc: DocId) -> bool {
    column.column_index().has_value(doc)
}

fn any_value(
    columns: &[DynamicColumn],
    op: Comparison,
    operand: &Operand,
) -> Result<Test, TantivyError> {
    let mut tests: Vec<Test> = Vec::new();
    for column in columns.iter().cloned() {
        match column {
            DynamicColumn::Str(column) => tests.push(text_test(&column, op, operand)?),
            DynamicColumn::F64(column) => tests.push(value_test(column, op, operand, Value::from)),
            DynamicColumn::I64(column) => tests.push(value_test(column, op, operand, Value::from)),
            DynamicColumn::U64(column) => tests.push(value_test(column, op, operand, Value::from)),
            DynamicColumn::Bool(column) => tests.push(value_test(column, op, operand, Value::Bool)),
            _ => {}
        }
    }
    Ok(Box::new(move |doc| tests.iter().any(|test| test(doc))))
}

/// Texts are compared once each, not once for each passage that has them.
fn text_test(column: &StrColumn, op: Comparison, operand: &Operand) -> Result<Test, TantivyError> {
    let mut fits = Vec::with_capacity(column.num_terms());
    let mut terms = column.dictionary().stream()?;
    while terms.advance() {
        let text = String::from_utf8_lossy(terms.key()).into_owned();
        fits.push(operand.holds(op, &Value::String(text)));
    }
    let ords = column.ords().clone();
    Ok(Box::new(move |doc| {
        ords.values_for_doc(doc)
            .any(|ord| usize::try_from(ord).ok().and_then(|ord| fits.get(ord)) == Some(&true))
    }))
}

fn value_test<T>(
    column: Column<T>,
    op: Comparison,
    operand: &Operand,
    value: impl Fn(T) -> Value + Send + Sync + 'static,
) -> Test
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    let operand = operand.clone();
    Box::new(move |doc| column.values_for_doc(doc).any(|found| operand.holds(op, &value(found))))
}

/// A collector that sees only what the filter accepts.
pub(super) struct Filtered<'a, C> {
    pub(super) inner: C,
    pub(super) filter: &'a Filter,
}

/// The same for one segment.
pub(super) struct FilteredSegment<S> {
    inner: S,
    test: Test,
}

impl<C: Collector> Collector for Filtered<'_, C> {
    type Fruit = C::Fruit;
    type Child = FilteredSegment<C::Child>;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self::Child> {
        let inner = self.inner.for_segment(ordinal, segment)?;
        Ok(FilteredSegment { inner, test: test(self.filter, segment)? })
    }

    fn requires_scoring(&self) -> bool {
        self.inner.requires_scoring()
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<C::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<C::Fruit> {
        self.inner.merge_fruits(fruits)
    }
}

impl<S: SegmentCollector> SegmentCollector for FilteredSegment<S> {
    type Fruit = S::Fruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        if (self.test)(doc) {
            self.inner.collect(doc, score);
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.inner.harvest()
    }
}
