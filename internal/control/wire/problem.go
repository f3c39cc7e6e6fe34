package wire

// Problem is the body of every answer that is not a success (RFC 9457), as
// application/problem+json.
type Problem struct {
	Title  string `json:"title" doc:"What the status means"`
	Status int    `json:"status" doc:"The HTTP status"`
	Detail string `json:"detail,omitempty" doc:"What happened and why"`
	// Kind is one of the few things that can go wrong, such as "not_found".
	Kind    string `json:"kind" doc:"The kind of error, such as invalid, not_found, throttled or refused"`
	Code    string `json:"code,omitempty" doc:"A stable code for programs, such as name_taken"`
	ErrorID string `json:"error_id" doc:"The request's id, to find it in the server's log"`
	Remedy  string `json:"remedy,omitempty" doc:"What to do next"`
	// Explanation holds roles, claims and policies; only administrators get it.
	Explanation string    `json:"explanation,omitempty" doc:"For administrators: the claims that were sent, and the policy that would have matched"`
	AWS         *AWSError `json:"aws,omitempty" doc:"AWS's error, if AWS refused"`
	RetryAfter  int       `json:"retry_after_seconds,omitempty" doc:"How long to wait before retrying"`
	// Errors are all the faults of the input, each with its place.
	Errors []FieldError `json:"errors,omitempty" nullable:"false" doc:"All errors in the input"`
}

// FieldError is one fault of the input.
type FieldError struct {
	Location string `json:"location,omitempty" doc:"Where, such as body.region or query.limit"`
	Message  string `json:"message" doc:"What is wrong there"`
}

// AWSError is what AWS said of a failed call.
type AWSError struct {
	Code      string `json:"code" doc:"AWS's error code"`
	Message   string `json:"message,omitempty" doc:"AWS's message"`
	RequestID string `json:"request_id,omitempty" doc:"AWS's request id, for AWS support"`
	Status    int    `json:"status,omitempty" doc:"AWS's HTTP status"`
}
