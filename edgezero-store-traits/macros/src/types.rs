//! The types that a type names.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// The type itself and those inside: of `HashMap<u8, (A, B)>` also `u8`, `A` and `B`.
pub(crate) fn named_in(ty: &Type) -> Vec<&Type> {
    let mut found = Vec::new();
    gather(ty, &mut found);
    found
}

fn gather<'a>(ty: &'a Type, found: &mut Vec<&'a Type>) {
    match ty {
        Type::Path(path) => {
            // What `Self` is, is not known outside of the struct.
            if !path.path.is_ident("Self") {
                found.push(ty);
            }
            for segment in &path.path.segments {
                arguments(&segment.arguments, found);
            }
        }
        Type::Array(array) => gather(&array.elem, found),
        Type::Slice(slice) => gather(&slice.elem, found),
        Type::Reference(reference) => gather(&reference.elem, found),
        Type::Paren(inner) => gather(&inner.elem, found),
        Type::Group(inner) => gather(&inner.elem, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| gather(ty, found)),
        _ => {}
    }
}

fn arguments<'a>(arguments: &'a PathArguments, found: &mut Vec<&'a Type>) {
    match arguments {
        PathArguments::None => {}
        PathArguments::AngleBracketed(list) => {
            for argument in &list.args {
                if let GenericArgument::Type(ty) = argument {
                    gather(ty, found);
                }
            }
        }
        PathArguments::Parenthesized(list) => {
            list.inputs.iter().for_each(|ty| gather(ty, found));
            if let ReturnType::Type(_, ty) = &list.output {
                gather(ty, found);
            }
        }
    }
}
