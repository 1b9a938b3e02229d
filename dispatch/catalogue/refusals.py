"""What the catalogue's rules say no to."""

from dispatch.foundation.errors import BadInput


class NoSuchQuestion(BadInput):
    """An answer to something that this item does not ask."""

    code = "no_such_question"
    sentence = "%(of)s 没有这个问题:%(question)s"


class NoSuchAnswer(BadInput):
    """An answer that is none of those to choose from."""

    code = "no_such_answer"
    sentence = "“%(question)s”没有这个回答:%(answer)s。可选:%(choices)s"


class AnswerNotAsked(BadInput):
    """An answer to a question that the other answers leave out."""

    code = "answer_not_asked"
    sentence = "按其他回答,“%(question)s”不用回答"
