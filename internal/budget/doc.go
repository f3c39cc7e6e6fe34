// Package budget knows how much may be spent: by a caller, in an environment or
// in an organization, a day or a month (UTC). A soft bound warns; a hard one
// refuses until the day or month is over.
//
// What is spent comes from usage's sums, exact and estimated costs together, and
// from what this replica has seen since. Other replicas' spending is known seconds
// later; of a budget that nobody used or looked at here for a while, right after
// the first who does. A bound is judged before a request with what was spent by
// then, so requests under way may go over it. Tokens without a known price cost
// nothing here.
//
// While the sums cannot be read, the last known ones count on, with what this
// replica adds: a budget neither opens nor closes because a database is away. A
// replica that has read none yet knows its own spending only.
//
// The package does not know prices, routes or where budgets are kept.
package budget
