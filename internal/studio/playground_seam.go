package studio

// Playground makes vectors for the playground page.
type Playground interface{}
