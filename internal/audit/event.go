package audit

import "time"

// Actor is who did something: an API key, or the server itself.
type Actor struct {
	// Organization is the actor's own; "" for the operator and the server.
	Organization string
	// Key is the id of its API key, or "system".
	Key string
	// Name is what people call it.
	Name string
	// Address is where the request came from; "" for the server.
	Address string
}

// System is the server itself: rotations, daily probes.
func System() Actor { return Actor{Key: "system", Name: "system"} }

// Event is one thing that happened. It never holds a token, a key or a text.
type Event struct {
	Time time.Time
	// Organization is whose event it is: who may read it besides the operator; "" is the server's.
	Organization string
	Actor        Actor
	// Action is a noun and a verb, such as "environment.create".
	Action string
	// Target is the id of what it was done to: env_…, key_…, a kid.
	Target string
	// Outcome is "ok", or a stable word for what went wrong, such as AWS's error code.
	Outcome string
	// Details are facts by name, such as "session_name" or "aws_request_id".
	Details map[string]string
}

// Row is an event in the chain.
type Row struct {
	Event
	// Seq counts from 1 without gaps.
	Seq int64
	// MAC covers the event, Seq and the former row's MAC.
	MAC []byte
}
