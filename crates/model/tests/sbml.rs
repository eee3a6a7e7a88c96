//! What SBML says survives reading and writing.

use malar_model::{Network, Source, read_sbml, write_sbml};

fn read(text: &str) -> Network {
    let source = Source {
        path: "m.xml".into(),
        text: text.into(),
    };
    let nothing = |_: &str| Err("no other files".to_owned());
    read_sbml(&source, &nothing).unwrap_or_else(|found| panic!("{}", found[0].render(text)))
}

fn refused(text: &str) -> String {
    let source = Source {
        path: "m.xml".into(),
        text: text.into(),
    };
    let nothing = |_: &str| Err("no other files".to_owned());
    let found = read_sbml(&source, &nothing).and_then(|network| network.dynamics(&source).map(drop));
    found.expect_err("it is wrong")[0].render(text)
}

/// Prefixes are declared far outside of the annotations that use them.
const ANNOTATED: &str = r##"<s:sbml xmlns:s="http://www.sbml.org/sbml/level3/version2/core" xmlns:x="http://www.w3.org/1999/xhtml" xmlns:own="urn:own" level="3" version="2">
<s:model id="m" name="a model" metaid="top" timeUnits="second">
<s:notes><x:p>of the &lt;model&gt;</x:p></s:notes>
<s:annotation><own:tool version="1"><own:inner/></own:tool></s:annotation>
<s:listOfUnitDefinitions><s:unitDefinition id="per_day" name="per day"><s:listOfUnits><s:unit kind="second" exponent="-1" scale="0" multiplier="86400"/></s:listOfUnits></s:unitDefinition></s:listOfUnitDefinitions>
<s:listOfCompartments><s:compartment id="C" size="1" constant="true" name="cell" sboTerm="SBO:0000290"/></s:listOfCompartments>
<s:listOfSpecies><s:species id="A" compartment="C" initialAmount="1" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false" metaid="a"><s:notes><x:p>species</x:p></s:notes></s:species>
<s:species id="E" compartment="C" initialAmount="1" hasOnlySubstanceUnits="false" boundaryCondition="true" constant="true"/></s:listOfSpecies>
<s:listOfParameters><s:parameter id="k" value="2" units="per_day" constant="false" name="rate"/></s:listOfParameters>
<s:listOfConstraints><s:constraint id="limit" name="stays"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><lt/><ci>A</ci><cn s:units="mole">9</cn></apply></math><s:message><x:p>A is <x:b>large</x:b></x:p></s:message></s:constraint></s:listOfConstraints>
<s:listOfReactions><s:reaction id="J" reversible="false"><s:listOfReactants><s:speciesReference id="n" species="A" stoichiometry="1" constant="true" metaid="r"/></s:listOfReactants>
<s:listOfModifiers><s:modifierSpeciesReference species="E" id="enzyme" name="by E"/></s:listOfModifiers>
<s:kineticLaw metaid="law" sboTerm="SBO:0000028"><s:notes><x:p>law</x:p></s:notes><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><ci>A</ci></apply></math></s:kineticLaw></s:reaction></s:listOfReactions>
<s:listOfEvents><s:event id="pulse" useValuesFromTriggerTime="true" name="a pulse"><s:trigger initialValue="true" persistent="true" metaid="t"><s:notes><x:p>when</x:p></s:notes><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><gt/><ci>A</ci><cn>3</cn></apply></math></s:trigger>
<s:listOfEventAssignments><s:eventAssignment variable="k" name="faster"><s:annotation><own:why/></s:annotation><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>3</cn></math></s:eventAssignment></s:listOfEventAssignments></s:event></s:listOfEvents>
</s:model></s:sbml>"##;

/// The network without its places in the text.
fn without_places(text: &str) -> Network {
    let mut network = read(text);
    let places = network.compartments.iter_mut().map(|x| &mut x.place);
    let places = places.chain(network.species.iter_mut().map(|x| &mut x.place));
    let places = places.chain(network.parameters.iter_mut().map(|x| &mut x.place));
    let places = places.chain(network.constraints.iter_mut().map(|x| &mut x.place));
    let places = places.chain(network.reactions.iter_mut().map(|x| &mut x.place));
    places.for_each(|place| *place = Default::default());
    for event in &mut network.events {
        event.place = Default::default();
        event.assignments.iter_mut().for_each(|a| a.place = Default::default());
    }
    network
}

#[test]
fn names_notes_annotations_units_and_constraints_survive_a_round_trip() {
    let written = write_sbml(&read(ANNOTATED));
    assert_eq!(without_places(&written), without_places(ANNOTATED));
    for kept in [
        "of the &lt;model&gt;",
        "<own:tool version=\"1\"><own:inner/></own:tool>",
        "name=\"per day\"",
        "multiplier=\"86400.0\"",
        "sboTerm=\"SBO:0000290\"",
        "<x:p>species</x:p>",
        "sbml:units=\"mole\"",
        "A is <x:b>large</x:b>",
        "name=\"by E\"",
        "<kineticLaw metaid=\"law\" sboTerm=\"SBO:0000028\">",
        "<x:p>when</x:p>",
        "<own:why/>",
    ] {
        assert!(written.contains(kept), "`{kept}` is lost in\n{written}");
    }
    assert_eq!(write_sbml(&read(&written)), written);
}

#[test]
fn what_only_earlier_levels_can_say_is_kept_as_an_annotation() {
    let text = r#"<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model id="m">
        <listOfCompartmentTypes><compartmentType id="membrane" name="a membrane"/></listOfCompartmentTypes><listOfSpeciesTypes><speciesType id="ATP"/></listOfSpeciesTypes>
        <listOfCompartments><compartment id="D"/><compartment id="C" outside="D" compartmentType="membrane"/></listOfCompartments>
        <listOfSpecies><species id="A" compartment="C" speciesType="ATP" charge="-4" initialAmount="1"><annotation><t xmlns="urn:t"/></annotation></species></listOfSpecies></model></sbml>"#;
    let written = write_sbml(&read(text));
    for kept in [
        "<compartmentType id=\"membrane\" name=\"a membrane\"/>",
        "<speciesType id=\"ATP\"/>",
        "outside=\"D\" compartmentType=\"membrane\"",
        "speciesType=\"ATP\" charge=\"-4\"",
        "<t xmlns=\"urn:t\"/>",
    ] {
        assert!(written.contains(kept), "`{kept}` is lost in\n{written}");
    }
    // Level 2 measures substance in moles and time in seconds without saying so.
    assert!(written.contains("substanceUnits=\"substance\"") && written.contains("kind=\"mole\""));
    assert_eq!(write_sbml(&read(&written)), written);
}

/// A Level 3 model of these elements.
fn model(inside: &str) -> String {
    format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\"><model>\n{inside}\n</model></sbml>"
    )
}

/// A rule for `x`, on the third line.
fn rule(math: &str) -> String {
    let parameters = "<listOfParameters><parameter id=\"x\" constant=\"false\"/><parameter id=\"y\" constant=\"false\"/></listOfParameters>\n";
    model(&format!(
        "{parameters}<listOfRules><assignmentRule variable=\"x\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\">{math}</math></assignmentRule></listOfRules>"
    ))
}

#[test]
fn what_cannot_be_is_refused_with_line_and_remedy() {
    let function = |id: &str, calls: &str| {
        format!(
            "<functionDefinition id=\"{id}\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><bvar><ci>a</ci></bvar>\
             <apply><ci>{calls}</ci><ci>a</ci></apply></lambda></math></functionDefinition>"
        )
    };
    let circle = format!(
        "<listOfFunctionDefinitions>{}{}</listOfFunctionDefinitions>\n",
        function("f", "g"),
        function("g", "f")
    );
    let circular = rule("<apply><ci>f</ci><ci>y</ci></apply>")
        .replace("<listOfParameters>", &format!("{circle}<listOfParameters>"));
    let start = "<listOfInitialAssignments>\
                 <initialAssignment symbol=\"y\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\"><apply><plus/><ci>y</ci><cn>1</cn></apply></math></initialAssignment>\
                 </listOfInitialAssignments>";
    let parameter = "<listOfParameters><parameter id=\"y\" constant=\"false\"/></listOfParameters>\n";
    let deep = format!("{}<cn>1</cn>{}", "<apply><exp/>".repeat(5000), "</apply>".repeat(5000));
    let bomb = format!(
        "<!DOCTYPE a [\n<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;\">]>{}",
        "a".repeat(99),
        model("&b;")
    );
    // What is wrong, where it is reported, and of which kind it is.
    let cases = [
        (rule(&deep), "M002", 3),
        (bomb, "M015", 1),
        (
            rule("<cn type=\"e-notation\"> 1 <sep/> 99999999999999999999x </cn>"),
            "M015",
            3,
        ),
        (rule("<cn> 1e </cn>"), "M015", 3),
        (rule("<ci> z </ci>"), "M003", 3),
        (rule("<ci> x </ci>"), "M005", 3),
        (circular, "M005", 4),
        (model(&format!("{parameter}{start}")), "M005", 3),
        (
            model("<listOfParameters>\n<parameter value=\"1\"/></listOfParameters>"),
            "M015",
            3,
        ),
        (model("<listOfSpecies>\n<species id=\"A\"/></listOfSpecies>"), "M015", 3),
        (
            model("<listOfSpecies>\n<species id=\"A\" compartment=\"C\"/></listOfSpecies>"),
            "M003",
            3,
        ),
        (
            model("<listOfParameters><parameter id=\"x\"/>\n<parameter id=\"x\"/></listOfParameters>"),
            "M004",
            3,
        ),
        (
            model(
                "<listOfUnitDefinitions><unitDefinition id=\"u\">\n<listOfUnits><unit/></listOfUnits></unitDefinition></listOfUnitDefinitions>",
            ),
            "M015",
            3,
        ),
    ];
    for (text, code, line) in cases {
        let message = refused(&text);
        let shown = &message[..message.len().min(600)];
        assert!(message.contains(&format!("error[{code}]")), "{code} wanted: {shown}");
        assert!(
            message.contains(&format!("m.xml:{line}:")),
            "{code}, line {line} wanted: {shown}"
        );
        assert!(message.contains("help:"), "{shown}");
    }
}

#[test]
fn a_huge_exponent_is_infinite_and_a_tiny_one_zero() {
    for (exponent, value) in [
        ("400", f64::INFINITY),
        ("99999999999999999999", f64::INFINITY),
        ("-99999999999999999999", 0.0),
    ] {
        let network = read(&rule(&format!("<cn type=\"e-notation\"> 1 <sep/> {exponent} </cn>")));
        assert_eq!(network.rules[0].math, malar_model::Math::number(value), "{exponent}");
    }
}
