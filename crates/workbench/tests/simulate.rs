//! One model over time.

use malar_model::Source;
use malar_workbench::simulate::{Settled, SimulateError, simulate};

fn decay() -> Source {
    Source {
        path: "decay.ant".into(),
        text: "x' = -k*x; x = 2; k = 0.1; y := 3*x\n".into(),
    }
}

fn settled(set: &[(&str, f64)]) -> Settled {
    let set = set.iter().map(|(name, value)| (name.to_string(), *value)).collect();
    Settled {
        duration: 10.0,
        steps: 5,
        set,
        ..Settled::default()
    }
}

#[test]
fn decay_follows_its_formula() {
    let series = simulate(&decay(), &settled(&[])).expect("a good model");
    assert_eq!(series.names, ["time", "x", "y"]);
    assert_eq!(series.rows.len(), 6);
    for row in &series.rows {
        // Tolerance per step is 1e-8 relative; some dozens of steps.
        assert!((row[1] - 2.0 * (-0.1 * row[0]).exp()).abs() < 1e-6);
        assert!((row[2] - 3.0 * row[1]).abs() < 1e-12);
    }
}

#[test]
fn a_parameter_can_be_set() {
    let series = simulate(&decay(), &settled(&[("k", 0.0)])).expect("a good model");
    assert!(series.rows.iter().all(|row| (row[1] - 2.0).abs() < 1e-12));
    assert!(series.to_csv().starts_with("time,x,y\n0,2,6\n2,2,6\n"));
}

#[test]
fn unknown_parameters_are_refused() {
    let error = simulate(&decay(), &settled(&[("kk", 1.0)])).expect_err("there is no `kk`");
    assert!(matches!(error, SimulateError::Input(_)) && error.to_string().contains("kk"));
}

/// What is set is what the column of that name shows, whether the file gives an amount or a concentration.
#[test]
fn a_species_is_set_in_the_way_formulas_mean_it() {
    for (given, substance_only) in [
        ("initialAmount", false),
        ("initialConcentration", false),
        ("initialAmount", true),
    ] {
        let text = format!(
            r#"<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>
            <listOfCompartments><compartment id="V" size="4" spatialDimensions="3" constant="true"/></listOfCompartments>
            <listOfSpecies><species id="S" compartment="V" {given}="8" hasOnlySubstanceUnits="{substance_only}"
            boundaryCondition="false" constant="false"/></listOfSpecies></model></sbml>"#
        );
        let source = Source {
            path: "s.xml".into(),
            text,
        };
        let mut settings = settled(&[("S", 3.0)]);
        settings.variables = vec!["S".into()];
        let series = simulate(&source, &settings).expect("a good model");
        assert!(
            (series.rows[0][1] - 3.0).abs() < 1e-12,
            "{given} {substance_only}: {:?}",
            series.rows[0]
        );
    }
}
