"""What an entrant's answers are: typed text made plain, and what is missing or wrong by the entry's rule set.

Answers are a JSON object: field code -> text, or for a table a list of rows (column code -> text). Numbers are plain
decimal text, dates ISO text, yes_no "yes" or "no", choices the option's code. What cannot be made plain stays as typed:
a draft may hold it, sending refuses it. Files and links beside a question are evidence, not answers.
What a number brings with it (rows by district, why they differ, its source) stands beside the fields' own codes under
codes beginning with @: `codes.list_codes` names all that may be there.
"""
