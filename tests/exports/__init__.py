"""What a workbook holds when it is opened again."""
