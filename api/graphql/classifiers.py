"""Custom classifiers: asked for, tried, created, updated and deleted."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.classifier_kinds import ClassifierInput, CsvClassifier, GrokClassifier, JsonClassifier, XmlClassifier
from api.graphql.classifier_trials import ClassifierTrial, tried
from api.graphql.connections import FIRST, After, First, connect, size
from api.graphql.connections import Connection as Pages
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt
from crawlers import classifiers, model

_FIELDS = {"Classifier": "name"}


@strawberry.type(description="What a crawler asks of each file before the built-in formats; one of the kinds is set.")
class Classifier(Node):
    name: str
    grok: GrokClassifier | None
    json: JsonClassifier | None
    xml: XmlClassifier | None
    csv: CsvClassifier | None
    version: int = strawberry.field(description="Counts updates from 1; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @classmethod
    def of(cls, stored: model.StoredClassifier) -> Classifier:
        each = stored.classifier
        return cls(
            name=each.name,
            grok=GrokClassifier.of(each) if isinstance(each, model.GrokClassifier) else None,
            json=JsonClassifier.of(each) if isinstance(each, model.JsonClassifier) else None,
            xml=XmlClassifier.of(each) if isinstance(each, model.XmlClassifier) else None,
            csv=CsvClassifier.of(each) if isinstance(each, model.CsvClassifier) else None,
            version=stored.version,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )

    @classmethod
    def find(cls, context: Context, name: str) -> Classifier | None:
        found = context.engine.find_classifier(name)
        return cls.of(found) if found else None


@strawberry.type
class ClassifierQueries:
    @field("By name.")
    def classifiers(self, info: Info, first: First = FIRST, after: After = None) -> Pages[Classifier] | None:
        return connect(
            info,
            classifiers.LISTING,
            info.context.engine.list_classifiers(size(info, first), after),
            key=lambda each: each.name,
            nodes=lambda found: [Classifier.of(each) for each in found],
            after=after,
        )

    @field("Null if there is no such classifier.")
    def classifier(self, info: Info, name: str) -> Classifier | None:
        return Classifier.find(info.context, name)

    @field("What comes of a stored classifier, or of one that is given, on one file or a sample of its text.")
    def test_classifier(
        self,
        info: Info,
        name: str | None = None,
        classifier: ClassifierInput | None = None,
        place: str | None = None,
        sample: str | None = None,
        rows: int = 10,
    ) -> ClassifierTrial | None:
        return tried(info.context, name, classifier, place, sample, rows)


@strawberry.input
class CreateClassifierInput:
    name: str
    classifier: ClassifierInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateClassifierInput:
    name: str
    classifier: ClassifierInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the classifier is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteClassifierInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateClassifierPayload(Payload):
    classifier: Classifier | None


@strawberry.type
class UpdateClassifierPayload(Payload):
    classifier: Classifier | None = strawberry.field(
        description="As it now is; after a CONFLICT, as someone else left it."
    )


@strawberry.type
class DeleteClassifierPayload(Payload):
    classifier: Classifier | None = strawberry.field(description="The classifier as it was.")


@strawberry.type
class ClassifierMutations:
    @mutation()
    def create_classifier(self, info: Info, input: CreateClassifierInput) -> CreateClassifierPayload | None:
        tried = attempt(lambda: info.context.engine.create_classifier(input.classifier.value(input.name)), _FIELDS)
        return CreateClassifierPayload(
            classifier=Classifier.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace everything but the name and the kind. Files that were crawled keep their class.")
    def update_classifier(self, info: Info, input: UpdateClassifierInput) -> UpdateClassifierPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_classifier(input.classifier.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: engine.get_classifier(input.name),
        )
        return UpdateClassifierPayload(
            classifier=Classifier.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a classifier. Crawlers that name it fail until they no longer do.")
    def delete_classifier(self, info: Info, input: DeleteClassifierInput) -> DeleteClassifierPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> model.StoredClassifier:
            found = engine.get_classifier(input.name)
            engine.delete_classifier(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteClassifierPayload(
            classifier=Classifier.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
