package studio

func (s *studio) accountRoutes() []route { return nil }
