print("series")
