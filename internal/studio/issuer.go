package studio

func (s *studio) issuerRoutes() []route { return nil }
