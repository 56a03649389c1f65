//! The derive behind a declared noun. It turns a struct or an enum into constants of the `schema` crate
//! and writes no behaviour: the words inside `#[field(…)]` are the `const fn`s of `schema::Field`.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, Lit, LitStr, Meta, Result, Token, Variant,
    parse::Parse, parse_macro_input, punctuated::Punctuated, spanned::Spanned,
};

/// Gives a nested struct or an enum its `Shape`.
#[proc_macro_derive(Shaped, attributes(field))]
pub fn shaped(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    shape(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Gives a noun its `Shape` and its `Noun`: where it is served and what its fields are.
#[proc_macro_derive(Resource, attributes(resource, field))]
pub fn resource(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    noun(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn noun(input: &DeriveInput) -> Result<Tokens> {
    let shape = shape(input)?;
    let name = &input.ident;
    let words = words(&input.attrs, "resource")?;
    let doc = doc(&input.attrs).ok_or_else(|| syn::Error::new(name.span(), "say what this noun is"))?;
    Ok(quote! {
        #shape
        impl ::schema::Resource for #name {
            const NOUN: ::schema::Noun = {
                #[allow(unused_imports, reason = "the words of an attribute may need none of these")]
                use ::schema::words::*;
                ::schema::Noun::new(#doc, <#name as ::schema::Shaped>::SHAPE).viewed_as::<#name>() #words
            };
        }
    })
}

fn shape(input: &DeriveInput) -> Result<Tokens> {
    let name = &input.ident;
    let shape = match &input.data {
        Data::Struct(data) => {
            let fields = declared(&data.fields)?;
            quote!(::schema::Shape::Object(&[#(#fields),*]))
        }
        Data::Enum(data) if data.variants.iter().all(|v| matches!(v.fields, Fields::Unit)) => {
            let rule = serde_text(&input.attrs, "rename_all");
            let names = data.variants.iter().map(|v| wire_name(v, rule.as_deref()));
            quote!(::schema::Shape::Choice(&[#(#names),*]))
        }
        Data::Enum(data) => {
            let tag = serde_text(&input.attrs, "tag").ok_or_else(|| {
                syn::Error::new(name.span(), "a choice of objects needs #[serde(tag = \"…\")]")
            })?;
            let rule = serde_text(&input.attrs, "rename_all");
            let arms = data
                .variants
                .iter()
                .map(|v| {
                    let name = wire_name(v, rule.as_deref());
                    let fields = declared(&v.fields)?;
                    Ok(quote!((#name, &[#(#fields),*])))
                })
                .collect::<Result<Vec<_>>>()?;
            quote!(::schema::Shape::OneOf { tag: #tag, arms: &[#(#arms),*] })
        }
        Data::Union(_) => return Err(syn::Error::new(name.span(), "a union has no JSON form")),
    };
    Ok(quote! {
        impl ::schema::Shaped for #name {
            const SHAPE: ::schema::Shape = {
                #[allow(unused_imports, reason = "the words of an attribute may need none of these")]
                use ::schema::words::*;
                #shape
            };
        }
    })
}

fn declared(fields: &Fields) -> Result<Vec<Tokens>> {
    fields.iter().map(declare).collect()
}

fn declare(field: &Field) -> Result<Tokens> {
    let ident = field.ident.as_ref().ok_or_else(|| syn::Error::new(field.span(), "a field needs a name"))?;
    let name = serde_text(&field.attrs, "rename")
        .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").into());
    let doc = doc(&field.attrs).ok_or_else(|| {
        syn::Error::new(ident.span(), "say what this is: a field's comment is its documentation")
    })?;
    let ty = &field.ty;
    let words = words(&field.attrs, "field")?;
    Ok(quote!(::schema::Field::new::<#ty>(#name, #doc) #words))
}

/// `#[field(min(1), nullable)]` becomes `.min(1).nullable()`.
fn words(attributes: &[Attribute], of: &str) -> Result<Tokens> {
    let mut calls = Tokens::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident(of)) {
        for word in attribute.parse_args_with(Punctuated::<Word, Token![,]>::parse_terminated)? {
            let Word { name, arguments } = word;
            calls.extend(quote!(.#name(#arguments)));
        }
    }
    Ok(calls)
}

struct Word {
    name: syn::Ident,
    arguments: Punctuated<Expr, Token![,]>,
}

impl Parse for Word {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        let arguments = if input.peek(syn::token::Paren) {
            let inside;
            syn::parenthesized!(inside in input);
            Punctuated::parse_terminated(&inside)?
        } else {
            Punctuated::new()
        };
        Ok(Word { name, arguments })
    }
}

fn doc(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|a| match &a.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join(" ").trim_end_matches('.').to_owned())
}

fn serde_text(attributes: &[Attribute], key: &str) -> Option<String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("serde")) {
        // Other serde words are serde's business; a failed read of them is reported by serde itself.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident(key) {
                found = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.input.peek(Token![=]) {
                meta.value()?.parse::<Expr>()?;
            }
            Ok(())
        });
    }
    found
}

fn wire_name(variant: &Variant, rule: Option<&str>) -> String {
    if let Some(name) = serde_text(&variant.attrs, "rename") {
        return name;
    }
    let name = variant.ident.to_string();
    let separated = |separator: char| {
        let mut out = String::new();
        for (i, letter) in name.chars().enumerate() {
            if letter.is_uppercase() && i > 0 {
                out.push(separator);
            }
            out.extend(letter.to_lowercase());
        }
        out
    };
    match rule {
        Some("snake_case") => separated('_'),
        Some("kebab-case") => separated('-'),
        Some("lowercase") => name.to_lowercase(),
        _ => name,
    }
}
