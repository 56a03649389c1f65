//! A runtime in which a name that is not known is nothing, at every depth. The library would refuse the template, and
//! Auth0 prints nothing.

use std::collections::BTreeSet;

use liquid_core::{
    Result, Runtime, Value, ValueCow,
    model::{KString, KStringCow, KStringRef, ScalarCow},
    runtime::{PartialStore, Registers},
};

use crate::budget;

/// The runtime below, and nothing where it knows nothing.
pub struct Tolerant<R>(pub R);

impl<R: Runtime> Runtime for Tolerant<R> {
    fn partials(&self) -> &dyn PartialStore {
        self.0.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        self.0.name()
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.0.roots()
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        self.0.try_get(path)
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        Ok(self.0.try_get(path).unwrap_or(ValueCow::Owned(Value::Nil)))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        // What is exceeded here is said by the next that asks: this cannot refuse, but it can forget.
        match budget::bytes(self, budget::size(&value)) {
            Ok(()) => self.0.set_global(name, value),
            Err(_) => None,
        }
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.0.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.0.registers()
    }
}
