import Foundation
import Gherkin

/// Documents and pickles as the Cucumber messages write them.
enum MessageJSON {
    typealias Object = [String: Any]

    static func document(_ document: Document, uri: String) -> NSDictionary {
        var object: Object = ["uri": uri, "comments": document.comments.map(comment)]
        object["feature"] = document.feature.map(feature)
        return object as NSDictionary
    }

    static func pickle(_ pickle: Pickle) -> NSDictionary {
        [
            "id": pickle.nodeID.description, "uri": pickle.id.file, "name": pickle.name,
            "language": pickle.language, "location": location(pickle.location),
            "astNodeIds": pickle.sources.map(\.description), "steps": pickle.steps.map(step),
            "tags": pickle.tags.map {
                ["name": $0.name, "astNodeId": $0.source.description]
            },
        ]
    }

    static func error(_ error: ParseError, uri: String) -> NSDictionary {
        [
            "message": error.description,
            "source": ["uri": uri, "location": location(error.location)],
        ]
    }
}

extension MessageJSON {
    private static func location(_ location: Location) -> Object {
        location.column == 0
            ? ["line": location.line] : ["line": location.line, "column": location.column]
    }

    private static func comment(_ comment: Comment) -> Object {
        ["location": location(comment.location), "text": comment.text]
    }

    private static func tag(_ tag: Gherkin.Tag) -> Object {
        ["id": tag.id.description, "location": location(tag.location), "name": tag.name]
    }

    private static func feature(_ feature: Feature) -> Object {
        [
            "location": location(feature.location), "tags": feature.tags.map(tag),
            "language": feature.language, "keyword": feature.keyword, "name": feature.name,
            "description": feature.description,
            "children": feature.children.map { child -> Object in
                switch child {
                case .background(let child): ["background": background(child)]
                case .scenario(let child): ["scenario": scenario(child)]
                case .rule(let child): ["rule": rule(child)]
                }
            },
        ]
    }

    private static func rule(_ rule: Rule) -> Object {
        [
            "id": rule.id.description, "location": location(rule.location),
            "tags": rule.tags.map(tag), "keyword": rule.keyword, "name": rule.name,
            "description": rule.description,
            "children": rule.children.map { child -> Object in
                switch child {
                case .background(let child): ["background": background(child)]
                case .scenario(let child): ["scenario": scenario(child)]
                }
            },
        ]
    }

    private static func background(_ background: Background) -> Object {
        [
            "id": background.id.description, "location": location(background.location),
            "keyword": background.keyword, "name": background.name,
            "description": background.description, "steps": background.steps.map(step),
        ]
    }

    private static func scenario(_ scenario: Scenario) -> Object {
        [
            "id": scenario.id.description, "location": location(scenario.location),
            "tags": scenario.tags.map(tag), "keyword": scenario.keyword, "name": scenario.name,
            "description": scenario.description, "steps": scenario.steps.map(step),
            "examples": scenario.examples.map(examples),
        ]
    }

    private static func examples(_ examples: Examples) -> Object {
        var object: Object = [
            "id": examples.id.description, "location": location(examples.location),
            "tags": examples.tags.map(tag), "keyword": examples.keyword, "name": examples.name,
            "description": examples.description, "tableBody": examples.rows.map(row),
        ]
        object["tableHeader"] = examples.header.map(row)
        return object
    }

    private static func step(_ step: Step) -> Object {
        var object: Object = [
            "id": step.id.description, "location": location(step.location),
            "keyword": step.keyword, "keywordType": step.keywordType.rawValue, "text": step.text,
        ]
        object["dataTable"] = step.table.map { table -> Object in
            ["location": location(table.location), "rows": table.rows.map(row)]
        }
        object["docString"] = step.docString.map { text -> Object in
            var object: Object = [
                "location": location(text.location), "delimiter": text.delimiter,
                "content": text.content,
            ]
            object["mediaType"] = text.mediaType
            return object
        }
        return object
    }

    private static func row(_ row: TableRow) -> Object {
        [
            "id": row.id.description, "location": location(row.location),
            "cells": row.cells.map { cell -> Object in
                ["location": location(cell.location), "value": cell.value]
            },
        ]
    }

    private static func step(_ step: Pickle.Step) -> Object {
        var object: Object = [
            "id": step.nodeID.description, "type": step.type.rawValue, "text": step.text,
            "astNodeIds": step.sources.map(\.description),
        ]
        var argument: Object = [:]
        for (index, value) in step.arguments.enumerated() {
            var (name, content) = self.argument(value)
            if step.arguments.count > 1 { content["argumentIndex"] = index + 1 }
            argument[name] = content
        }
        if !argument.isEmpty { object["argument"] = argument }
        return object
    }

    private static func argument(_ argument: Pickle.Argument) -> (name: String, content: Object) {
        switch argument {
        case .table(let table):
            let rows = table.rows.map { row in ["cells": row.map { ["value": $0] }] }
            return ("dataTable", ["rows": rows])
        case .docString(let text):
            var content: Object = ["content": text.content]
            content["mediaType"] = text.mediaType
            return ("docString", content)
        }
    }
}
