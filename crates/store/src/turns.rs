//! Work that waits for many tenants, and of which nodes take some in hand until a time. Each tenant comes to its turn: of
//! each only so much is taken at once, and none of those that are left out.

use crate::db::{Db, Result, Row, Statement, Value};

/// A table of such work. Its rows say when they are `due`, and until when somebody has `leased` them.
pub(crate) struct Leased {
    pub table: &'static str,
    /// What names a row beside its tenant.
    pub key: &'static str,
    /// Which rows are worked on at all.
    pub which: &'static str,
    /// What a row becomes when it is taken, beside leased.
    pub taken: &'static str,
    /// What of it is answered.
    pub columns: &'static str,
}

impl Leased {
    /// Takes in hand what is due, until a time; nobody else has it until then.
    pub async fn claim(
        &self,
        db: &Db,
        (now, until): (i64, i64),
        most: i64,
        most_of_each: i64,
        without: &[&str],
    ) -> Result<Vec<Row>> {
        let Self { table, key, which, taken, columns } = self;
        let is_due = format!("{which} and due <= $1 and leased <= $1");
        let names: Vec<Value> = without.iter().map(|tenant| (*tenant).into()).collect();
        // Asked first, so that an idle server writes nothing.
        let any = format!("select 1 from {table} where {is_due}{} limit 1", but(without, 2));
        let arguments = std::iter::once(now.into()).chain(names.clone()).collect();
        if db.rows(any, arguments).await?.is_empty() {
            return Ok(Vec::new());
        }
        let waiting = format!("{is_due}{}", but(without, 5));
        let turns = by_turns(table, key, &format!("tenant, {key}"), &waiting, ["$3", "$4"]);
        // What another node took a moment ago is not free any more when this one gets to the row.
        let claim = format!(
            "update {table} set leased = $2{taken} where {is_due} and (tenant, {key}) in ({turns}) returning {columns}"
        );
        let arguments = [now, until, most, most_of_each].map(Value::from).into_iter().chain(names).collect();
        Ok(db.commit(vec![Statement::new(claim, arguments)].into()).await?.rows)
    }
}

/// What reads the rows that meet a condition: of each tenant the first that are due, then the second, and so on; so many,
/// and so many of each.
pub(crate) fn by_turns(
    table: &str,
    key: &str,
    columns: &str,
    condition: &str,
    [most, most_of_each]: [&str; 2],
) -> String {
    format!(
        "select {columns} from (
           select *, row_number() over (partition by tenant order by due, {key}) as place
           from {table} where {condition}) as waiting
         where place <= {most_of_each} order by place, due, {key} limit {most}"
    )
}

/// A condition that leaves tenants out, who are the arguments from this one on.
pub(crate) fn but(without: &[&str], first: usize) -> String {
    if without.is_empty() {
        return String::new();
    }
    let places: Vec<String> = (first..first + without.len()).map(|place| format!("${place}")).collect();
    format!(" and tenant not in ({})", places.join(", "))
}
