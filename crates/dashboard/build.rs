//! A newly built dashboard has other file names, which the compiler would not notice by itself. Nothing is built
//! here: `cargo build` needs no Node.

fn main() {
    println!("cargo:rerun-if-changed=../../dashboard/dist");
}
