"""Operations on classifiers."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid
from api.glue.shapes.classifiers import KINDS, classifier_shape, classifier_value, given_classifier


def create_classifier(call: Call) -> Shape:
    call.engine.create_classifier(classifier_value(*given_classifier(call.asked)))
    return {}


def get_classifier(call: Call) -> Shape:
    return {"Classifier": classifier_shape(call.engine.get_classifier(call.asked["Name"]))}


def get_classifiers(call: Call) -> Shape:
    page = call.engine.list_classifiers(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"Classifiers": [classifier_shape(each) for each in page.items], "NextToken": page.next_token}


def update_classifier(call: Call) -> Shape:
    """With all that is given; what is not given stays. Its kind stays, too."""
    kind, given = given_classifier(call.asked)
    old = call.engine.get_classifier(given["Name"])
    if not isinstance(old.classifier, KINDS[kind]):
        raise Invalid(f"Classifier {old.name} is no {kind}; delete it, and create another.")
    whole = {**classifier_shape(old)[kind], **given}
    if "CustomDatatypes" in given:
        whole["CustomDatatypeConfigured"] = given.get("CustomDatatypeConfigured", True)
    call.engine.update_classifier(classifier_value(kind, whole), old.version)
    return {}


def delete_classifier(call: Call) -> Shape:
    call.engine.delete_classifier(call.asked["Name"])
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateClassifier": create_classifier,
    "GetClassifier": get_classifier,
    "GetClassifiers": get_classifiers,
    "UpdateClassifier": update_classifier,
    "DeleteClassifier": delete_classifier,
}
