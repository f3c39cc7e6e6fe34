// Package limit keeps the promise of requests_per_min_limit: no rolling 60
// seconds ever hold more calls than the limit as AWS counts them, retries
// included, and no more than max_concurrent_invocations are on their way.
//
// It knows windows, queues and deadlines: when a call may start, whether a
// request of many calls can be done before its deadline, whose turn it is, and
// how far the rate has to fall after AWS throttled. It does not know HTTP, AWS,
// credentials or models; it never sends anything and never sees a text.
//
// AWS counts a call at some instant between its sending and its answer. So a
// slot is taken before the call is sent and returns 60 seconds after its answer
// or failure was seen, and a little later when the call was given up unanswered;
// see [Lease.Done]. The promise covers one process's life:
// what was sent before a restart is not known.
package limit
