package wire

// Page is a part of a list, in an order that does not change between pages.
type Page[T any] struct {
	Items []T `json:"items" nullable:"false"`
	// Next asks for the next page as ?cursor=; "" on the last one.
	Next string `json:"next_cursor,omitempty"`
}

// Reason is a word of a person for something that is written down.
type Reason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"4000" doc:"The reason, for the audit"`
}
