use super::*;
use crate::fake::Fake;

fn path(parts: &[&str]) -> Vec<Arc<str>> {
    parts.iter().map(|p| (*p).into()).collect()
}

#[test]
fn members_of_the_parent_are_copied_in_first() {
    let m = &mut Fake::new().m;
    let mut types = Vec::new();
    for (name, own) in [("A", "a"), ("B", "b")] {
        let t = new_type(m, name.into(), "m.zx".into(), TypeForm::Data).unwrap().as_type().unwrap();
        let parent = types.last().map_or(Value::UNDEF, |p| Value::ty(*p));
        let mut object = inherit_type(m, t, parent);
        object.methods.insert(own.into(), Value::NULL);
        define_type(m, t, object).unwrap();
        types.push(t);
    }
    let b = m.heap.ty(types[1]);
    assert_eq!(b.methods.keys().map(|k| &**k).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((&*b.name, b.parent), ("B", Some(types[0])));
    assert_eq!(m.declared.ty("m.zx", "B"), Some(types[1]));
}

#[test]
fn a_path_of_modules_is_made_once() {
    let m = &mut Fake::new().m;
    let (root, c) = module_at(m, Value::UNDEF, &path(&["a", "b", "c"])).unwrap();
    assert_eq!(&*m.heap.module(c).name, "a.b.c");
    let (again, b) = module_at(m, root, &path(&["a", "b"])).unwrap();
    assert!(again.same(root));
    assert_eq!(&*m.heap.module(b).name, "a.b");
    assert_eq!(module_at(m, root, &path(&["a", "b", "c"])).unwrap().1, c);
}

#[test]
fn a_standard_module_is_one_value() {
    let m = &mut Fake::new().m;
    let math = std_module(m, 0).unwrap();
    assert!(std_module(m, 0).unwrap().same(math));
    assert!(std_module(m, 1_000).unwrap().is_null());
}
