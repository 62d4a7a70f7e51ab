/// The parts of a document that become nodes of the tree.
package enum Node: Hashable, Sendable {
    case feature, featureHeader, rule, ruleHeader, background
    case scenarioDefinition, scenario, examplesDefinition, examples, examplesTable
    case step, dataTable, docString, tags, description
}

/// The grammar of Gherkin, over whole lines:
///
/// ```
/// Document           = Feature?
/// Feature            = FeatureHeader Background? ScenarioDefinition* Rule*
/// FeatureHeader      = #Language? Tags? #FeatureLine Prose
/// Rule               = RuleHeader Background? ScenarioDefinition*
/// RuleHeader         = Tags? #RuleLine Prose
/// Background         = #BackgroundLine Prose Step*
/// ScenarioDefinition = Tags? Scenario          (its tags: only if a #ScenarioLine follows them)
/// Scenario           = #ScenarioLine Prose Step* ExamplesDefinition*
/// ExamplesDefinition = Tags? Examples          (its tags: only if an #ExamplesLine follows them)
/// Examples           = #ExamplesLine Prose ExamplesTable?
/// ExamplesTable      = #TableRow+
/// Step               = #StepLine (DataTable DocString? | DocString DataTable?)?
/// DataTable          = #TableRow+
/// DocString          = #DocStringSeparator #Other* #DocStringSeparator
/// Tags               = #TagLine+
/// Prose              = #Empty* Description?
/// Description        = (#Other | #Comment)+
/// ```
///
/// Source: `gherkin.berp` of the Cucumber project. `Automaton` turns it into states.
indirect enum Grammar: Hashable, Sendable {
    case token(TokenKind)
    case node(Node)
    case optional(Grammar)
    case many(Grammar)
    case some(Grammar)
    case sequence([Grammar])
    case choice([Grammar])

    static let document = optional(.node(.feature))

    fileprivate static let prose = sequence([.many(.token(.empty)), .optional(.node(.description))])
    fileprivate static let tags = optional(.node(.tags))
}

extension Node {
    var grammar: Grammar {
        switch self {
        case .feature:
            .sequence([
                .node(.featureHeader), .optional(.node(.background)),
                .many(.node(.scenarioDefinition)), .many(.node(.rule)),
            ])
        case .featureHeader:
            .sequence([
                .optional(.token(.language)), Grammar.tags, .token(.featureLine), Grammar.prose,
            ])
        case .rule:
            .sequence([
                .node(.ruleHeader), .optional(.node(.background)),
                .many(.node(.scenarioDefinition)),
            ])
        case .ruleHeader: .sequence([Grammar.tags, .token(.ruleLine), Grammar.prose])
        case .background: .sequence([.token(.backgroundLine), Grammar.prose, .many(.node(.step))])
        case .scenarioDefinition: .sequence([Grammar.tags, .node(.scenario)])
        case .scenario:
            .sequence([
                .token(.scenarioLine), Grammar.prose, .many(.node(.step)),
                .many(.node(.examplesDefinition)),
            ])
        case .examplesDefinition: .sequence([Grammar.tags, .node(.examples)])
        case .examples:
            .sequence([.token(.examplesLine), Grammar.prose, .optional(.node(.examplesTable))])
        case .examplesTable, .dataTable: .some(.token(.tableRow))
        case .step:
            .sequence([
                .token(.stepLine),
                .optional(
                    .choice([
                        .sequence([.node(.dataTable), .optional(.node(.docString))]),
                        .sequence([.node(.docString), .optional(.node(.dataTable))]),
                    ])),
            ])
        case .docString:
            .sequence([
                .token(.docStringSeparator), .many(.token(.other)), .token(.docStringSeparator),
            ])
        case .tags: .some(.token(.tagLine))
        case .description: .some(.choice([.token(.other), .token(.comment)]))
        }
    }

    /// A tag line may open this node only if this kind of line follows the tags, empty lines and
    /// comments: tags alone do not tell the next examples from the next scenario or rule.
    var tagsMustLeadTo: TokenKind? {
        switch self {
        case .scenarioDefinition: .scenarioLine
        case .examplesDefinition: .examplesLine
        case .feature, .featureHeader, .rule, .ruleHeader, .background, .scenario, .examples,
            .examplesTable, .step, .dataTable, .docString, .tags, .description:
            nil
        }
    }
}
