"""Errors planted into good plans, and how much of them rtcode finds.

The way of the published studies: errors of the kinds that incident systems report are put into plans that were good,
one at a time, and the reviewer is scored. Gopan et al. (Med Phys 2016;43:5181, 10.1118/1.4961010) sorted 356 serious
near misses by whether a physicist's plan review found them, could have, or could not; in a later study of errors
simulated in mock charts, reviewers found 67 %: a planned dose other than the prescribed one in 92 %, an isocenter at
the wrong place in 38 %, a wrong CT never. So the kinds here include those that nobody can see in one plan file, and
they are counted as what they are.

Every kind of error says beforehand, without looking at what rtcode does, which of three finders should find it and why:
`integrity` (the plan alone contradicts itself or is out of the ordinary), `compare` (against the good version),
`analyze` (the suggestion, a criterion, a question or a flag has to move).

`kinds` what a kind is; `errors` the kinds by topic; `controls` changes that are no errors; `plans` the good plans;
`draft` editing a plan with pydicom; `encodings` writing it otherwise; `topics` what rtcode's findings speak of;
`finders` running rtcode; `score` found, missed, false alarms; `report` the tables; `misses` what is known not to be
found, and why.
"""
